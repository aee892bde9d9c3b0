import { describe, expect, it } from 'vitest';
import type { Clip } from '../api/types';
import { clipOf } from '../testing/clips';
import * as queues from './queue';

const NONE: ReadonlySet<string> = new Set();

/** Clips of a second each, one after another, named by letters. */
const clip = (id: string, more: Partial<Clip> = {}) => {
  const start = (id.charCodeAt(0) - 97) * 25;
  return clipOf(id, { start_frame: start, end_frame: start + 25, ...more });
};
const clips = (names: string) => names.split('').map((id) => clip(id));
const queueOf = (names: string) => queues.add(queues.EMPTY_QUEUE, clips(names), false, NONE);
const text = (list: readonly { id: string }[]) => list.map(({ id }) => id).join('');
const seen = (queue: queues.ReviewQueue) => `${queue.shown?.id ?? '-'}|${text(queue.waiting)}`;
const decide = (queue: queues.ReviewQueue, ...names: string[]) =>
  queues.decide(queue, { requestId: names.join(''), clips: names.map((id) => clip(id)) });

describe('deciding', () => {
  it('shows the next clip, to the end', () => {
    let queue = queueOf('abc');
    expect(seen(queue)).toBe('a|abc');
    queue = decide(queue, 'a');
    expect(seen(queue)).toBe('b|bc');
    queue = decide(decide(queue, 'b'), 'c');
    expect(seen(queue)).toBe('-|');
    expect(queue.count).toBe(3);
  });

  it('goes on after a clip that was visited out of order, and comes back for the rest', () => {
    let queue = queues.show(queueOf('abdef'), clip('d'));
    queue = decide(queue, 'd');
    expect(seen(queue)).toBe('e|abef');
    queue = queues.show(queue, clip('c', { state: 'review_skipped' }));
    expect(queues.successor(queue)?.id).toBe('e');
    queue = decide(decide(queues.goOn(queue), 'e'), 'f');
    expect(seen(queue)).toBe('a|ab');
  });

  it('takes all clips of a group along', () => {
    expect(seen(decide(queueOf('abc'), 'a', 'b'))).toBe('c|c');
  });
});

describe('undo and redo at once', () => {
  it('bring back what was decided, before what waits, and take it away again', () => {
    let queue = decide(decide(queueOf('abc'), 'a'), 'b');
    queue = queues.undo(queue);
    expect(seen(queue)).toBe('b|bc');
    queue = queues.undo(queue);
    expect(seen(queue)).toBe('a|abc');
    queue = queues.redo(queue);
    expect(seen(queue)).toBe('b|bc');
    queue = queues.redo(queue);
    expect([seen(queue), queue.undone.length]).toEqual(['c|c', 0]);
  });

  it('know nothing to do again after something new', () => {
    const queue = decide(queues.undo(decide(queueOf('abc'), 'a')), 'a');
    expect(queues.redo(queue)).toBe(queue);
  });
});

describe('an answer', () => {
  it('of a split puts both halves in the place of the whole', () => {
    const half = (id: string, from: number, to: number) => clipOf(id, { start_frame: from, end_frame: to });
    const change = { clips: [half('x', 25, 30), half('y', 30, 50)], archived: ['b'], show: 'heir' as const };
    const queue = queues.settle(queues.show(queueOf('abc'), clip('b')), change, NONE);
    expect(seen(queue)).toBe('y|axyc');
  });

  it('of an undo elsewhere shows what it brought back', () => {
    const change = { clips: [clip('z')], archived: [], show: 'first' as const };
    expect(seen(queues.settle(queueOf('ab'), change, NONE))).toBe('z|zab');
  });

  it('renews what is known, and drops what does not wait any more', () => {
    const change = {
      clips: [clip('a', { version: 7 }), clip('b', { state: 'review_approved' })],
      archived: [],
      show: 'stay' as const,
    };
    const queue = queues.settle(queueOf('abc'), change, NONE);
    expect([seen(queue), queue.shown?.version, queue.waiting[0]?.version]).toEqual(['a|ac', 7, 7]);
  });

  it('leaves a queue of decided clips as it is, but for the one that is brought back', () => {
    const skipped = (id: string) => clip(id, { state: 'review_skipped' });
    const queue = queues.add(queues.EMPTY_QUEUE, 'abc'.split('').map(skipped), true, NONE);
    const change = { clips: [clip('a', { version: 2 })], archived: [], show: 'heir' as const };
    const after = queues.settle(queue, change, NONE);
    expect([seen(after), after.shown?.state]).toEqual(['a|abc', 'pending_review']);
    expect(seen(decide(after, 'a'))).toBe('b|bc');
  });

  it('leaves out what was decided meanwhile', () => {
    const change = { clips: [clip('z')], archived: [], show: 'stay' as const };
    expect(seen(queues.settle(queueOf('ab'), change, new Set(['z'])))).toBe('a|ab');
  });
});

describe('the queue', () => {
  it('takes in more without repeats, and says when it needs it', () => {
    const queue = queues.add(queueOf('abc'), clips('bcd'), true, new Set(['d']));
    expect([seen(queue), queues.needsMore(queue), queues.needsMore(queueOf('abc'))]).toEqual(['a|abc', false, true]);
    expect(queues.needsMore(queueOf('abcdefg'))).toBe(false);
    expect(queues.needsMore(queues.EMPTY_QUEUE)).toBe(false);
  });

  it('loses clips that another page got', () => {
    expect(seen(queues.drop(queueOf('abc'), ['a', 'b']))).toBe('c|c');
    expect(seen(queues.drop(queueOf('abc'), ['b']))).toBe('a|ac');
    expect(seen(queues.drop(queueOf('a'), ['a']))).toBe('-|');
  });

  it('knows what comes next, once each', () => {
    expect(text(queues.upcoming(queueOf('abcd'), 2))).toBe('bc');
    expect(text(queues.upcoming(queues.show(queueOf('abcd'), clip('c')), 9))).toBe('dab');
    expect(text(queues.upcoming(queueOf('a'), 3))).toBe('');
  });
});
