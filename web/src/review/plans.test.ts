import { describe, expect, it } from 'vitest';
import type { ReviewAction } from '../api/types';
import { clipOf, timelineOf } from '../testing/clips';
import { isRefusal, planDecision, planGroup, planMerge, planMove, planReopen, planSplit, planTrim, tagsOf } from './plans';

const timeline = timelineOf(0, 100, 200, 300);
const middle = clipOf('c100', { start_frame: 100, end_frame: 200, version: 3 });
const first = clipOf('c0', { start_frame: 0, end_frame: 100 });
const last = clipOf('c200', { start_frame: 200, end_frame: 300 });
const decided = { ...middle, state: 'review_skipped' as const };

function asks(plan: ReturnType<typeof planMove> | { why: string }): ReviewAction {
  if (isRefusal(plan)) throw new Error(plan.why);
  return plan.action;
}

describe('what is asked', () => {
  const me = { id: 'c100', version: 3 };

  it('names the clips in their order, each with the version that was seen', () => {
    expect(asks(planDecision('skip', middle))).toEqual({ kind: 'skip', clips: [me] });
    expect(asks(planReopen(decided))).toEqual({ kind: 'reopen', clips: [me] });
    expect(asks(planGroup(middle, timeline, new Set()))).toEqual({ kind: 'group', clips: [{ id: 'c0', version: 1 }, me] });
    expect(asks(planGroup(middle, timeline, new Set(['c200', 'c0'])))).toMatchObject({
      clips: [{ id: 'c0' }, me, { id: 'c200' }],
    });
    expect(asks(planMerge(middle, timeline, 'previous'))).toEqual({ kind: 'merge', clips: [{ id: 'c0', version: 1 }, me] });
    expect(asks(planMerge(middle, timeline, 'next'))).toEqual({ kind: 'merge', clips: [me, { id: 'c200', version: 1 }] });
    expect(asks(planSplit(middle, 101))).toEqual({ kind: 'split', clip: me, frame: 101 });
  });

  it('keeps the frame on screen, whichever side is trimmed', () => {
    expect(asks(planTrim(middle, 'start', 120))).toMatchObject({ start: 120, end: 200 });
    expect(asks(planTrim(middle, 'end', 120))).toMatchObject({ start: 100, end: 121 });
  });

  it('says what it does to the number that waits', () => {
    const change = (plan: object) => ('change' in plan ? plan.change : null);
    expect([
      change(planGroup(middle, timeline, new Set())),
      change(planSplit(middle, 150)),
      change(planSplit(decided, 150)),
      change(planMerge(middle, timeline, 'next')),
      change(planReopen(decided)),
    ]).toEqual([-2, 1, 2, -1, 1]);
  });
});

it.each([
  ['deciding what is decided', planDecision('approve', decided)],
  ['bringing back what waits', planReopen(middle)],
  ['grouping the first clip', planGroup(first, timeline, new Set())],
  ['grouping without a timeline', planGroup(middle, undefined, new Set())],
  ['cutting at the first frame', planSplit(middle, 100)],
  ['cutting at the end', planSplit(middle, 200)],
  ['merging before the first', planMerge(first, timeline, 'previous')],
  ['merging after the last', planMerge(last, timeline, 'next')],
  ['trimming nothing', planTrim(middle, 'start', 100)],
  ['trimming nothing off the end', planTrim(middle, 'end', 199)],
])('%s is refused with a sentence', (_what, plan) => {
  expect(isRefusal(plan) && plan.why).toMatch(/^[A-Z].*\.$/);
});

it('reads tags as people type them', () => {
  expect(tagsOf(' night, #rain,,night , a b ')).toEqual(['night', 'rain', 'a b']);
  expect(tagsOf('')).toEqual([]);
  expect(tagsOf(Array.from({ length: 30 }, (_, at) => `t${at}`).join(','))).toHaveLength(20);
});
