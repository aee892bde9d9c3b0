import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clip, ReviewAction, Timeline } from '../api/types';
import { type Outbox, type OutboxEntry, type QueuedUndo, markTried, planReverse, push } from '../outbox/outbox';
import type { Answer, Settled } from '../outbox/sender';
import type { App } from '../shell/app';
import { clipOf, timelineOf } from '../testing/clips';
import { ALL_PENDING } from './filters';
import { ReviewSession } from './review-session';

/** An outbox that sends nothing by itself: the test settles what is in it. */
class StillOutbox {
  entries: Outbox = [];
  private count = 0;
  private told: (settled: Settled) => void = () => undefined;

  act(action: ReviewAction, tookMs: number, change: number): string {
    const requestId = this.next();
    this.entries = push(this.entries, { kind: 'action', requestId, page: 'page', action, tookMs, tried: false, change });
    return requestId;
  }

  reverse(kind: 'undo' | 'redo', clips: readonly string[], change: number) {
    const entry: QueuedUndo = { kind, requestId: this.next(), page: 'page', clips, tried: false, change };
    const plan = planReverse(this.entries, entry);
    this.entries = plan.outbox;
    return { ...plan, requestId: entry.requestId };
  }

  onChange = () => () => undefined;

  onSettled(listener: (settled: Settled) => void) {
    this.told = listener;
    return () => undefined;
  }

  /** The first entry is with the API and not answered. */
  leave(): void {
    this.entries = markTried(this.entries, this.entries[0]?.requestId ?? '');
  }

  confirm(clips: readonly Clip[], more: Partial<Answer> = {}): void {
    const answer: Answer = { clips, archived: [], pending: 1, ...more };
    this.settle((entry) => ({ kind: 'confirmed', entry, answer, sentHere: true }));
  }

  refuse(sentence: string, dropped: readonly OutboxEntry[] = []): void {
    this.settle((entry) => ({ kind: 'refused', entry, sentence, dropped, sentHere: true }));
  }

  private settle(outcome: (entry: OutboxEntry) => Settled): void {
    const [entry, ...rest] = this.entries;
    if (!entry) throw new Error('nothing is in the outbox');
    this.entries = rest;
    this.told(outcome(entry));
  }

  private next(): string {
    this.count += 1;
    return `r${this.count}`;
  }
}

/** Four seconds each, one after another: `a` from 0, `b` from 100. */
const clip = (id: string, more: Partial<Clip> = {}) => {
  const start = (id.charCodeAt(0) - 97) * 100;
  return clipOf(id, { start_frame: start, end_frame: start + 100, ...more });
};

/** The parts of the API that a session uses; the lists may be changed between requests. */
class StillApi {
  readonly others = new Map<string, Clip>();
  timeline: Timeline | undefined;
  lost: string[] = [];

  constructor(public waiting: string) {}

  GET = (path: string, { params }: { params: { path?: { id: string } } }) => {
    const id = params.path?.id ?? '';
    if (path === '/v1/clips/{id}') return this.answer(this.others.get(id) ?? clip(id));
    if (path === '/v1/videos/{id}/timeline' && this.timeline) return this.answer(this.timeline);
    return new Promise(() => undefined);
  };

  POST = (path: string, { body }: { body: { clips?: string[]; after?: string | null } }) => {
    if (path === '/v1/claims/renew') {
      const { lost } = this;
      return this.answer({ kept: body.clips?.filter((id) => !lost.includes(id)), lost });
    }
    const from = body.after ? this.waiting.indexOf(body.after) + 1 : 0;
    return this.answer({ clips: this.waiting.slice(from).split('').map((id) => clip(id)), lease_seconds: 60, pending: 9 });
  };

  private answer(data: unknown) {
    return Promise.resolve({ data, response: new Response() });
  }
}

let session: ReviewSession | undefined;

async function open(waiting: string, timeline?: Timeline) {
  const outbox = new StillOutbox();
  const api = new StillApi(waiting);
  api.timeline = timeline;
  const pending = { left: null, onChange: () => () => undefined };
  const page = { id: 'page', leave: vi.fn(), begin: vi.fn() };
  const opened = new ReviewSession({ api, outbox, pending, page } as unknown as App, ALL_PENDING, () => undefined);
  session = opened;
  await vi.advanceTimersByTimeAsync(0);
  return { session: opened, outbox, api, page };
}

const seen = ({ queue }: ReviewSession) => `${queue.shown?.id ?? '-'}|${queue.waiting.map(({ id }) => id).join('')}`;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }));
});

afterEach(() => {
  session?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a decision', () => {
  it('shows the next clip at the key press and is queued', async () => {
    const { session, outbox } = await open('ab');
    session.decide('approve');
    expect(seen(session)).toBe('b|b');
    expect(outbox.entries).toMatchObject([{ action: { kind: 'approve', clips: [{ id: 'a', version: 1 }] }, change: -1 }]);
    expect(session.message).toEqual({ text: 'Approved.', bad: false });
  });

  it('is undone at once, and not sent if it has not left', async () => {
    const { session, outbox } = await open('abc');
    session.decide('skip');
    outbox.leave();
    session.decide('skip');
    session.undo();
    expect(seen(session)).toBe('b|bc');
    expect(outbox.entries).toHaveLength(1);
    session.undo();
    expect(seen(session)).toBe('a|abc');
    expect(outbox.entries).toMatchObject([{ kind: 'action' }, { kind: 'undo', clips: ['a'], change: 1 }]);
    session.redo();
    expect(seen(session)).toBe('b|bc');
    expect(outbox.entries).toHaveLength(1);
  });

  it('after an undo names the version that the undo answered', async () => {
    const { session, outbox } = await open('ab');
    session.decide('approve');
    outbox.confirm([clip('a', { state: 'review_approved' })]);
    session.undo();
    outbox.confirm([clip('a', { version: 2 })]);
    session.decide('skip');
    expect(outbox.entries).toMatchObject([{ action: { clips: [{ id: 'a', version: 2 }] } }]);
  });

  it('that is refused stays in sight with its sentence, and the clip comes back', async () => {
    const { session, outbox } = await open('abc');
    session.decide('skip');
    outbox.refuse('Somebody else was first.');
    await vi.advanceTimersByTimeAsync(0);
    expect(seen(session)).toBe('a|abc');
    expect(session.answers.notices).toMatchObject([{ what: 'Not saved: skip.', sentence: 'Somebody else was first.', clip: 'a' }]);
    session.decide('approve');
    const [notice] = session.answers.notices;
    if (notice) session.answers.dismiss(notice);
    expect(session.answers.notices).toEqual([]);
  });

  it('about a decided clip is not queued', async () => {
    const { session, outbox, api } = await open('a');
    api.others.set('z', clip('z', { state: 'embedded' }));
    await session.open('z');
    session.decide('approve');
    expect([outbox.entries, session.message?.bad]).toEqual([[], true]);
    session.goOn();
    expect(seen(session)).toBe('a|a');
  });
});

describe('undo and redo of what only the API knows', () => {
  it('wait for its answer, and show the clip', async () => {
    const { session, outbox } = await open('b');
    session.undo();
    session.undo();
    expect([session.answers.awaiting, outbox.entries.length]).toEqual(['undo', 1]);
    outbox.confirm([clip('a', { version: 2 })], { undone_action: 'skip' });
    expect([seen(session), session.answers.awaiting, session.message?.text]).toEqual(['a|ab', null, 'Undone: skip.']);
  });

  it('say why not, and can be asked again', async () => {
    const { session, outbox } = await open('a');
    session.redo();
    outbox.refuse('Nothing to do again.');
    expect([session.answers.awaiting, seen(session)]).toEqual([null, 'a|a']);
    expect(session.answers.notices).toMatchObject([{ what: 'Not done again.', sentence: 'Nothing to do again.', clip: null }]);
  });

  it('show what the API undid where that was another clip', async () => {
    const { session, outbox, api } = await open('ab');
    session.decide('skip');
    outbox.confirm([clip('a', { state: 'review_skipped' })]);
    session.undo();
    api.others.set('a', clip('a', { state: 'review_skipped' }));
    outbox.confirm([clip('z')]);
    await vi.advanceTimersByTimeAsync(0);
    expect(seen(session)).toBe('z|zb');
  });
});

describe('an edit', () => {
  it('locks the clip until it is answered, and shows the first half of a split', async () => {
    const { session, outbox } = await open('bc');
    session.split(140);
    expect([session.isBeingEdited, seen(session)]).toEqual([true, 'b|bc']);
    session.decide('approve');
    expect(outbox.entries).toHaveLength(1);
    const halves = [clipOf('x', { start_frame: 100, end_frame: 140 }), clipOf('y', { start_frame: 140, end_frame: 200 })];
    outbox.confirm(halves, { archived: ['b'] });
    expect([session.isBeingEdited, seen(session)]).toEqual([false, 'x|xyc']);
  });

  it('of a cut by keys is one action after a pause, and undo before that leaves the cut', async () => {
    const { session, outbox } = await open('bc', { ...timelineOf(0, 100, 200, 300), clips: 'abc'.split('').map((id) => clip(id)) });
    session.nudge('start', 1);
    session.nudge('start', 1);
    await vi.advanceTimersByTimeAsync(600);
    session.nudge('start', 1);
    expect(outbox.entries).toEqual([]);
    await vi.advanceTimersByTimeAsync(700);
    expect(outbox.entries).toMatchObject([{ action: { kind: 'move_cut', clips: [{ id: 'a' }, { id: 'b' }], to: 103 } }]);
    const moved = [clipOf('x', { start_frame: 0, end_frame: 103 }), clipOf('y', { start_frame: 103, end_frame: 200 })];
    outbox.confirm(moved, { archived: ['a', 'b'] });
    expect(session.queue.shown?.id).toBe('y');
    session.nudge('end', -1);
    session.undo();
    await vi.advanceTimersByTimeAsync(2_000);
    expect([outbox.entries, session.message?.text]).toEqual([[], 'The cut stays where it was.']);
  });

  it('of tags and notes shows at once', async () => {
    const { session } = await open('a');
    session.setTags(['night']);
    session.setNote(' dark ');
    expect(session.current).toMatchObject({ tags: ['night'], note: 'dark' });
  });
});

describe('with several reviewers', () => {
  it('clips that others got leave the queue, with a word about it', async () => {
    const { session, api } = await open('abc');
    api.lost = ['a', 'b'];
    await vi.advanceTimersByTimeAsync(20_000);
    expect(seen(session)).toBe('c|c');
    expect(session.message).toMatchObject({ bad: true });
  });

  it('a queue that is closed gives its clips up and takes in nothing more', async () => {
    const { session, api, page } = await open('abc');
    api.waiting = 'abcdef';
    const asked = session.fill();
    session.close();
    await asked;
    expect([page.leave.mock.calls.length, page.begin.mock.calls.length, seen(session)]).toEqual([1, 1, 'a|abc']);
  });

  it('an empty queue looks for new clips', async () => {
    const { session, api } = await open('');
    expect(seen(session)).toBe('-|');
    api.waiting = 'd';
    await vi.advanceTimersByTimeAsync(5_000);
    expect(seen(session)).toBe('d|d');
  });

  it('a clip decided elsewhere is shown as decided', async () => {
    const before = { ...timelineOf(0, 100, 200, 300), clips: 'abc'.split('').map((id) => clip(id)) };
    const { session, api } = await open('bc', before);
    const decided = clip('b', { state: 'review_skipped', version: 2 });
    api.others.set('b', decided);
    api.timeline = { ...before, clips: [clip('a'), decided, clip('c')] };
    await vi.advanceTimersByTimeAsync(3_000);
    expect([seen(session), session.current?.state]).toEqual(['b|c', 'review_skipped']);
  });
});
