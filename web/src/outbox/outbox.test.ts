import { describe, expect, it } from 'vitest';
import { clipOf } from '../testing/clips';
import {
  type Outbox,
  type QueuedDecision,
  confirm,
  decidedClips,
  leftAfter,
  markTried,
  parseOutbox,
  planUndo,
  push,
  refuse,
} from './outbox';

function decision(requestId: string, clipId: string, more: Partial<QueuedDecision> = {}): QueuedDecision {
  return { kind: 'decision', requestId, clipId, action: 'approve', version: 1, tookMs: 5, tried: false, ...more };
}

const ids = (outbox: Outbox) => outbox.map((entry) => entry.requestId);

describe('undo', () => {
  it('cancels a decision that has not left the browser', () => {
    const plan = planUndo([decision('r1', 'a'), decision('r2', 'b')], 'r3', 'b');
    expect(plan.cancelled?.clipId).toBe('b');
    expect(ids(plan.outbox)).toEqual(['r1']);
  });

  it('follows a decision that may have reached the API', () => {
    const plan = planUndo(markTried([decision('r1', 'a')], 'r1'), 'r2', 'a');
    expect(plan.cancelled).toBeNull();
    expect(plan.outbox[1]).toEqual({ kind: 'undo', requestId: 'r2', clipId: 'a', tried: false });
  });

  it('is sent alone where everything was saved', () => {
    expect(ids(planUndo([], 'r1', null).outbox)).toEqual(['r1']);
  });

  it('never cancels an undo', () => {
    const waiting = planUndo([], 'r1', 'a').outbox;
    expect(ids(planUndo(waiting, 'r2', 'b').outbox)).toEqual(['r1', 'r2']);
  });
});

describe('an answer', () => {
  it('gives later decisions about the clip its new version', () => {
    const undo = planUndo([], 'r1', 'a').outbox;
    const outbox = push(push(undo, decision('r2', 'a')), decision('r3', 'b'));
    const after = confirm(outbox, 'r1', clipOf('a', { version: 4 }));
    expect(after).toMatchObject([
      { requestId: 'r2', version: 4 },
      { requestId: 'r3', version: 1 },
    ]);
  });

  it('that refuses takes along what was built on it and leaves the rest', () => {
    const tried = markTried([decision('r1', 'a')], 'r1');
    const outbox = push(push(planUndo(tried, 'r2', 'a').outbox, decision('r3', 'b')), decision('r4', 'a'));
    expect(ids(refuse(outbox, 'r1'))).toEqual(['r3']);
  });

  it('to something no longer here changes nothing', () => {
    const outbox = [decision('r1', 'a')];
    expect(refuse(outbox, 'r9')).toEqual(outbox);
  });
});

describe('counting', () => {
  it('takes waiting decisions off what the API counted, and puts undone ones back', () => {
    const tried = markTried([decision('r1', 'a')], 'r1');
    expect(leftAfter(10, tried)).toBe(9);
    expect(leftAfter(10, planUndo(tried, 'r2', 'a').outbox)).toBe(10);
    expect(leftAfter(0, tried)).toBe(0);
  });

  it('knows which clips are decided and not saved', () => {
    const tried = markTried([decision('r1', 'a'), decision('r2', 'b')], 'r2');
    expect([...decidedClips(planUndo(tried, 'r3', 'b').outbox)]).toEqual(['a']);
  });
});

describe('what an earlier visit kept', () => {
  it('comes back as it was', () => {
    const outbox = planUndo(markTried([decision('r1', 'a')], 'r1'), 'r2', null).outbox;
    expect(parseOutbox(JSON.stringify(outbox))).toEqual(outbox);
  });

  it.each([null, '', 'nonsense', '{}', '[1, null, {"kind":"decision"}]'])('is empty for %j', (text) => {
    expect(parseOutbox(text)).toEqual([]);
  });
});
