import { describe, expect, it } from 'vitest';
import type { ReviewAction } from '../api/types';
import { clipOf } from '../testing/clips';
import {
  type Outbox,
  type QueuedAction,
  type QueuedUndo,
  clipsBeingEdited,
  confirm,
  decidedClips,
  leftAfter,
  markTried,
  parseOutbox,
  planReverse,
  push,
  refuse,
} from './outbox';

const ref = (id: string, version = 1) => ({ id, version });

function action(requestId: string, what: ReviewAction): QueuedAction {
  return { kind: 'action', requestId, page: 'page', action: what, tookMs: 5, tried: false, change: -1 };
}

const approve = (requestId: string, ...ids: string[]) =>
  action(requestId, { kind: 'approve', clips: ids.map((id) => ref(id)) });

const split = (requestId: string, id: string) => action(requestId, { kind: 'split', clip: ref(id), frame: 9 });

function reverse(kind: 'undo' | 'redo', requestId: string, ...clips: string[]): QueuedUndo {
  return { kind, requestId, page: 'page', clips, tried: false, change: kind === 'undo' ? 1 : -1 };
}

const ids = (outbox: Outbox) => outbox.map((entry) => entry.requestId);

describe('undo and redo', () => {
  it('cancel what has not left the browser', () => {
    const queued = [approve('r1', 'a'), approve('r2', 'b')];
    const plan = planReverse(queued, reverse('undo', 'r3', 'b'));
    expect([plan.cancelled?.requestId, ids(plan.outbox)]).toEqual(['r2', ['r1']]);
    const undone = planReverse(markTried(queued, 'r2'), reverse('undo', 'r3', 'b')).outbox;
    const redone = planReverse(undone, reverse('redo', 'r4', 'b'));
    expect([redone.cancelled?.requestId, ids(redone.outbox)]).toEqual(['r3', ['r1', 'r2']]);
  });

  it('follow what may have reached the API', () => {
    const plan = planReverse(markTried([approve('r1', 'a')], 'r1'), reverse('undo', 'r2', 'a'));
    expect([plan.cancelled, ids(plan.outbox)]).toEqual([null, ['r1', 'r2']]);
  });

  it('are sent alone where everything was saved, and never cancel their own kind', () => {
    const waiting = planReverse([], reverse('undo', 'r1')).outbox;
    expect(ids(planReverse(waiting, reverse('undo', 'r2')).outbox)).toEqual(['r1', 'r2']);
  });
});

describe('an answer', () => {
  it('gives later actions about its clips their new versions, wherever they are named', () => {
    const group = action('r3', { kind: 'group', clips: [ref('a'), ref('b')] });
    const outbox = [reverse('undo', 'r1', 'a'), split('r2', 'a'), group, markTried([approve('r4', 'a')], 'r4')[0]];
    const after = confirm(outbox as Outbox, 'r1', { clips: [clipOf('a', { version: 4 })] });
    expect(after).toMatchObject([
      { action: { clip: { id: 'a', version: 4 }, frame: 9 } },
      { action: { clips: [ref('a', 4), ref('b', 1)] } },
      { action: { clips: [ref('a', 1)] } },
    ]);
  });

  it('that refuses takes along what was built on it, says what, and leaves the rest', () => {
    const tried = markTried([approve('r1', 'a', 'z')], 'r1');
    const undone = planReverse(tried, reverse('undo', 'r2', 'a', 'z')).outbox;
    const outbox = push(push(undone, approve('r3', 'b')), split('r4', 'z'));
    const { outbox: after, dropped } = refuse(outbox, 'r1');
    expect([ids(after), ids(dropped)]).toEqual([['r3'], ['r2', 'r4']]);
  });

  it('to something no longer here changes nothing', () => {
    const outbox = [approve('r1', 'a')];
    expect(refuse(outbox, 'r9')).toEqual({ outbox, dropped: [] });
  });
});

describe('what waits', () => {
  it('counts against what the API counted', () => {
    const tried = markTried([approve('r1', 'a')], 'r1');
    expect(leftAfter(10, tried)).toBe(9);
    expect(leftAfter(10, planReverse(tried, reverse('undo', 'r2', 'a')).outbox)).toBe(10);
    expect(leftAfter(0, tried)).toBe(0);
  });

  it('says which clips are decided, and which are about to be replaced', () => {
    const tag = action('r4', { kind: 'tag', clip: ref('c'), tags: ['night'] });
    const outbox = [approve('r1', 'a'), approve('r2', 'b', 'd'), reverse('undo', 'r3', 'b', 'd'), tag, split('r5', 'e')];
    expect([...decidedClips(outbox)]).toEqual(['a']);
    expect([...clipsBeingEdited(outbox)]).toEqual(['e']);
  });
});

describe('what an earlier visit kept', () => {
  it('comes back as it was', () => {
    const outbox = [...markTried([approve('r1', 'a')], 'r1'), split('r2', 'b'), reverse('undo', 'r3')];
    expect(parseOutbox(JSON.stringify(outbox))).toEqual(outbox);
  });

  it.each([null, '', 'nonsense', '{}', '[1, null, {"kind":"action"}, {"kind":"decision","requestId":"r","tried":false}]'])(
    'is empty for %j',
    (text) => {
      expect(parseOutbox(text)).toEqual([]);
    },
  );
});
