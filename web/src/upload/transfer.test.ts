import { expect, it } from 'vitest';
import { bytesOf, partLength } from './plan';
import { type Happening, type Transfer, after, jobs, sentBytes, transferOf, waitAfter } from './transfer';

const PLAN = { sizeBytes: 25, partBytes: 10, parts: 3 };
const sentence = 'The connection was lost.';

function told(transfer: Transfer, ...happenings: Happening[]): Transfer {
  return happenings.reduce(after, transfer);
}

const started = told(transferOf(25), { kind: 'turn' }, { kind: 'planned', plan: PLAN, done: [] });
const lost = (part: number, now: number): Happening => ({ kind: 'failed', part, passing: true, sentence, now });

it('divides a file without gap or overlap', () => {
  expect([1, 2, 3].map((part) => bytesOf(PLAN, part))).toEqual([
    { start: 0, end: 10 },
    { start: 10, end: 20 },
    { start: 20, end: 25 },
  ]);
  expect(partLength(PLAN, 4)).toBe(0);
});

it('begins, sends a few parts at once, and completes', () => {
  expect(jobs(transferOf(25), 0, 2)).toEqual([]);
  expect(jobs(told(transferOf(25), { kind: 'turn' }), 0, 2)).toEqual([{ kind: 'begin' }]);
  expect(jobs(started, 0, 2)).toEqual([
    { kind: 'part', part: 1 },
    { kind: 'part', part: 2 },
  ]);
  const busy = told(started, { kind: 'part_started', part: 1 }, { kind: 'part_started', part: 2 });
  expect(jobs(busy, 0, 2)).toEqual([]);
  const two = told(busy, { kind: 'part_done', part: 2 });
  expect(jobs(two, 0, 2)).toEqual([{ kind: 'part', part: 3 }]);
  const all = told(two, { kind: 'part_done', part: 1 }, { kind: 'part_done', part: 3 });
  expect(jobs(all, 0, 2)).toEqual([{ kind: 'complete' }]);
  expect(jobs(told(all, { kind: 'arranging' }), 0, 2)).toEqual([]);
  expect(told(all, { kind: 'arranging' }, { kind: 'completed' }).phase).toBe('done');
});

it('sends only what storage does not have yet', () => {
  const resumed = told(transferOf(25, 'interrupted'), { kind: 'resume' }, { kind: 'turn' }, { kind: 'planned', plan: PLAN, done: [1, 3] });
  expect(jobs(resumed, 0, 4)).toEqual([{ kind: 'part', part: 2 }]);
  expect(sentBytes(resumed)).toBe(15);
});

it('waits longer after each failure, and takes failures of one moment for one', () => {
  const busy = told(started, { kind: 'part_started', part: 1 }, { kind: 'part_started', part: 2 });
  const failing = told(busy, lost(1, 100), lost(2, 120));
  expect([failing.failures, failing.retryAt, failing.trouble]).toEqual([1, 1100, sentence]);
  expect(jobs(failing, 500, 2)).toEqual([{ kind: 'wait', until: 1100 }]);
  expect(jobs(failing, 1100, 2)).toEqual([{ kind: 'part', part: 1 }]);
  const again = told(failing, { kind: 'part_started', part: 1 }, lost(1, 1200));
  expect([again.failures, again.retryAt]).toEqual([2, 3200]);
  expect([1, 2, 3, 6, 60].map(waitAfter)).toEqual([1000, 2000, 4000, 30_000, 30_000]);
});

it('tries at once when the connection is back, and forgets failures after a success', () => {
  const failing = told(started, { kind: 'part_started', part: 1 }, lost(1, 100));
  const online = told(failing, { kind: 'online' });
  expect(jobs(online, 200, 2)).toEqual([{ kind: 'part', part: 1 }]);
  const well = told(online, { kind: 'part_started', part: 1 }, { kind: 'part_done', part: 1 });
  expect([well.failures, well.retryAt, well.trouble]).toEqual([0, null, null]);
  expect(jobs(well, 200, 2)).toHaveLength(2);
});

it('ends with a refusal, from which only a person leads on', () => {
  const refused = told(started, { kind: 'failed', part: null, passing: false, sentence: 'Too large.', now: 5 });
  expect([refused.phase, refused.trouble, jobs(refused, 9e9, 2)]).toEqual(['failed', 'Too large.', []]);
  expect(told(refused, { kind: 'online' }).phase).toBe('failed');
  expect(told(refused, { kind: 'resume' }).phase).toBe('queued');
});

it('pauses without losing what was sent', () => {
  const half = told(started, { kind: 'part_started', part: 1 }, { kind: 'part_done', part: 1 }, { kind: 'part_started', part: 2 });
  const paused = told(half, { kind: 'part_progress', part: 2, bytes: 4 }, { kind: 'pause' });
  expect([paused.phase, jobs(paused, 0, 2), sentBytes(paused)]).toEqual(['paused', [], 10]);
  const resumed = told(paused, { kind: 'resume' }, { kind: 'turn' });
  expect(jobs(resumed, 0, 2)).toEqual([
    { kind: 'part', part: 2 },
    { kind: 'part', part: 3 },
  ]);
});

it('counts bytes once, and no more than a part has', () => {
  const half = told(started, { kind: 'part_started', part: 3 }, { kind: 'part_progress', part: 3, bytes: 99 });
  expect(sentBytes(half)).toBe(5);
  expect(sentBytes(told(half, { kind: 'part_progress', part: 2, bytes: 7 }))).toBe(5);
  expect(sentBytes(told(half, { kind: 'part_done', part: 3 }))).toBe(5);
});

it('sends every part in the end, whatever fails on the way', () => {
  // A small generator of its own, so that a failing run can be repeated.
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let round = 0; round < 50; round += 1) {
    const parts = 1 + Math.floor(random() * 12);
    const plan = { sizeBytes: parts * 10 - 3, partBytes: 10, parts };
    let transfer = told(transferOf(plan.sizeBytes), { kind: 'turn' }, { kind: 'planned', plan, done: [] });
    let now = 0;
    for (let step = 0; step < 2_000; step += 1) {
      const next = jobs(transfer, now, 3);
      if (next.some(({ kind }) => kind === 'complete')) break;
      for (const job of next) {
        if (job.kind === 'wait') now = job.until;
        if (job.kind === 'part') transfer = after(transfer, { kind: 'part_started', part: job.part });
      }
      expect(transfer.underWay.size).toBeLessThanOrEqual(3);
      expect(sentBytes(transfer)).toBeLessThanOrEqual(plan.sizeBytes);
      const part = [...transfer.underWay.keys()][0];
      if (part === undefined) continue;
      now += 50;
      transfer = random() < 0.4 ? after(transfer, lost(part, now)) : after(transfer, { kind: 'part_done', part });
      if (random() < 0.05) transfer = told(transfer, { kind: 'pause' }, { kind: 'resume' }, { kind: 'turn' });
    }
    expect([...transfer.done].sort((one, other) => one - other)).toEqual(Array.from({ length: parts }, (_, at) => at + 1));
  }
});
