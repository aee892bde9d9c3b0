import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Clip } from '../api/types';
import type { Outbox } from '../outbox/outbox';
import { markTried } from '../outbox/outbox';
import type { Settled } from '../outbox/sender';
import type { App } from '../shell/app';
import { clipOf } from '../testing/clips';
import { ReviewSession } from './review-session';

/** An outbox that sends nothing by itself: the test settles what is in it. */
class StillOutbox {
  entries: Outbox = [];
  private told: (settled: Settled) => void = () => undefined;

  update(change: (outbox: Outbox) => Outbox): void {
    this.entries = change(this.entries);
  }

  onChange = () => () => undefined;

  onSettled(listener: (settled: Settled) => void) {
    this.told = listener;
    return () => undefined;
  }

  /** The first entry is with the API and not answered. */
  leave(): void {
    this.update((outbox) => markTried(outbox, outbox[0]?.requestId ?? ''));
  }

  confirm(clip: Clip): void {
    this.settle((entry) => ({ kind: 'confirmed', entry, clip, pending: 1, sentHere: true }));
  }

  refuse(sentence: string): void {
    this.settle((entry) => ({ kind: 'refused', entry, sentence, sentHere: true }));
  }

  private settle(outcome: (entry: Outbox[number]) => Settled): void {
    const [entry, ...rest] = this.entries;
    if (!entry) throw new Error('nothing is in the outbox');
    this.entries = rest;
    this.told(outcome(entry));
  }
}

/** A session over an API that has these clips pending; the list may be changed between requests. */
async function open(...pending: string[]) {
  const outbox = new StillOutbox();
  const api = { pending, others: new Map<string, Clip>() };
  const answer = (data: unknown) => Promise.resolve({ data, response: new Response() });
  const get = (path: string, { params }: { params: { path?: { id: string } } }) => {
    if (path === '/v1/clips') return answer({ items: api.pending.map((id) => clipOf(id)), next_cursor: null });
    const id = params.path?.id ?? '';
    if (path === '/v1/clips/{id}') return answer(api.others.get(id) ?? clipOf(id));
    return new Promise(() => undefined);
  };
  const app = { api: { GET: get }, outbox, pending: { onChange: () => () => undefined } } as unknown as App;
  const session = new ReviewSession(app, null, () => undefined);
  await session.reload();
  return { session, outbox, api };
}

const waiting = (session: ReviewSession) => session.queue.waiting.map((clip) => clip.id).join('');

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it('shows the next clip at the key press and queues the decision', async () => {
  const { session, outbox } = await open('a', 'b');
  session.decide('approve');
  expect(waiting(session)).toBe('b');
  expect(outbox.entries).toMatchObject([{ clipId: 'a', action: 'approve', version: 1 }]);
  expect(session.message).toEqual({ text: 'Approved.', bad: false });
});

it('undoes the decision just made, not the clip on screen', async () => {
  const { session, outbox } = await open('a', 'b', 'c');
  session.decide('skip');
  outbox.leave();
  session.decide('skip');
  session.undo();
  expect(waiting(session)).toBe('bc');
  expect(outbox.entries).toMatchObject([{ kind: 'decision', clipId: 'a' }]);
  session.undo();
  expect(waiting(session)).toBe('abc');
  expect(outbox.entries).toMatchObject([{ kind: 'decision' }, { kind: 'undo', clipId: 'a' }]);
});

it('decides anew with the version that the undo answered', async () => {
  const { session, outbox } = await open('a', 'b');
  session.decide('approve');
  outbox.confirm(clipOf('a', { state: 'review_approved' }));
  session.undo();
  outbox.confirm(clipOf('a', { version: 2 }));
  session.decide('skip');
  expect(outbox.entries).toMatchObject([{ clipId: 'a', version: 2 }]);
});

it('waits for the API where only that knows what is undone', async () => {
  const { session, outbox } = await open('b');
  session.undo();
  expect(session.awaitingUndo).toBe(true);
  session.undo();
  expect(outbox.entries).toHaveLength(1);
  outbox.confirm(clipOf('a', { version: 2 }));
  expect(waiting(session)).toBe('ab');
  expect(session.awaitingUndo).toBe(false);
});

it('says why nothing was undone, and can be asked again', async () => {
  const { session, outbox } = await open('a');
  session.undo();
  outbox.refuse('Nothing to undo.');
  expect(session.message).toEqual({ text: 'Not undone: Nothing to undo.', bad: true });
  expect([session.awaitingUndo, waiting(session)]).toEqual([false, 'a']);
});

it('shows what the API undid where that was another clip', async () => {
  const { session, outbox } = await open('a', 'b');
  session.decide('skip');
  outbox.confirm(clipOf('a', { state: 'review_skipped' }));
  session.undo();
  outbox.confirm(clipOf('z'));
  expect(waiting(session)).toBe('zb');
});

it('says what was refused and shows the queue as it is', async () => {
  const { session, outbox, api } = await open('a', 'b');
  session.decide('skip');
  api.pending = ['b', 'c'];
  outbox.refuse('Somebody else was first.');
  await vi.waitFor(() => expect(waiting(session)).toBe('bc'));
  expect(session.message).toEqual({ text: 'Not saved: Somebody else was first.', bad: true });
});

it('leaves out clips decided while the queue was on its way', async () => {
  const { session } = await open('a', 'b');
  const loading = session.reload();
  session.decide('skip');
  await loading;
  expect(waiting(session)).toBe('b');
});

it('shows a decided clip that was asked for, without deciding about it again', async () => {
  const { session, outbox, api } = await open('a');
  api.others.set('z', clipOf('z', { state: 'embedded' }));
  await session.open('z');
  expect(waiting(session)).toBe('za');
  session.decide('approve');
  expect(outbox.entries).toEqual([]);
  session.goOn();
  expect(waiting(session)).toBe('a');
});
