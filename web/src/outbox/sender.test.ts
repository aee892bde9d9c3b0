import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiProblem, Unreachable } from '../api/problem';
import type { ReviewAction } from '../api/types';
import { clipOf } from '../testing/clips';
import { type OutboxEntry, clipsOf } from './outbox';
import { OutboxSender, type Send, type Settled, waitAfter } from './sender';

const skip = (id: string): ReviewAction => ({ kind: 'skip', clips: [{ id, version: 1 }] });

/** The parts of a browser that the sender uses. */
function browser() {
  const kept = new Map<string, string>();
  let held = Promise.resolve();
  vi.stubGlobal('window', new EventTarget());
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  vi.stubGlobal('navigator', {
    locks: { request: (_name: string, task: () => Promise<void>) => (held = held.then(task)) },
  });
  vi.stubGlobal(
    'BroadcastChannel',
    class extends EventTarget {
      postMessage = () => undefined;
    },
  );
}

beforeEach(() => {
  browser();
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A sender whose API answers with these, one a request; what it was asked; what it told. */
function senderWith(...answers: (Error | 'ok')[]) {
  const asked: OutboxEntry[] = [];
  const told: Settled[] = [];
  const send: Send = (entry) => {
    asked.push(entry);
    const answer = answers.shift() ?? 'ok';
    if (answer !== 'ok') return Promise.reject(answer);
    const clips = clipsOf(entry).map((id) => clipOf(id, { version: 2 }));
    return Promise.resolve({ clips, archived: [], pending: 4 });
  };
  const sender = new OutboxSender('me', () => 'page', send);
  sender.onSettled((settled) => told.push(settled));
  return { sender, asked, told };
}

const settled = () => vi.advanceTimersByTimeAsync(0);
const clipsAsked = (asked: OutboxEntry[]) => asked.flatMap(clipsOf).join('');

it('sends in order, and keeps nothing that is saved', async () => {
  const { sender, asked, told } = senderWith();
  sender.act(skip('a'), 5.4, -1);
  sender.act(skip('b'), -3, -1);
  await settled();
  expect(asked).toMatchObject([
    { page: 'page', tookMs: 5, action: { clips: [{ id: 'a' }] } },
    { page: 'page', tookMs: 0, action: { clips: [{ id: 'b' }] } },
  ]);
  expect(told).toMatchObject([
    { kind: 'confirmed', answer: { pending: 4 } },
    { kind: 'confirmed', answer: { pending: 4 } },
  ]);
  expect(sender.entries).toEqual([]);
});

it('tries the same request again, later and later, until the network is back', async () => {
  const down = new Unreachable(null);
  const { sender, asked, told } = senderWith(down, new ApiProblem(503, 'Down', 'Starting.'), 'ok');
  const requestId = sender.act(skip('a'), 5, -1);
  await settled();
  expect(sender.trouble).toBe(down.message);
  expect(sender.entries).toMatchObject([{ requestId, tried: true }]);
  await vi.advanceTimersByTimeAsync(waitAfter(1));
  expect(sender.trouble).toBe('Starting.');
  await vi.advanceTimersByTimeAsync(waitAfter(2) - 1);
  expect(asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked.map((entry) => entry.requestId)).toEqual([requestId, requestId, requestId]);
  expect(told).toHaveLength(1);
  expect([sender.trouble, sender.entries]).toEqual([null, []]);
});

it('waits no longer when told to try now', async () => {
  const { sender, asked } = senderWith(new Unreachable(null));
  sender.act(skip('a'), 5, -1);
  await settled();
  sender.retryNow();
  await settled();
  expect(asked).toHaveLength(2);
});

it('tells what was refused and what went with it, and goes on with the rest', async () => {
  const { sender, asked, told } = senderWith(new Unreachable(null), new ApiProblem(409, 'Conflict', 'Too late.'));
  sender.act(skip('a'), 5, -1);
  await settled();
  sender.reverse('undo', ['a'], 1);
  sender.act(skip('b'), 5, -1);
  sender.retryNow();
  await settled();
  expect(clipsAsked(asked)).toBe('aab');
  expect(told).toMatchObject([
    { kind: 'refused', sentence: 'Too late.', dropped: [{ kind: 'undo' }] },
    { kind: 'confirmed' },
  ]);
});

it('sends nothing for what is undone before it has left', async () => {
  const { sender, asked } = senderWith(new Unreachable(null));
  sender.act(skip('a'), 5, -1);
  await settled();
  sender.act(skip('b'), 5, -1);
  expect(sender.reverse('undo', ['b'], 1).cancelled).toMatchObject({ action: { clips: [{ id: 'b' }] } });
  sender.retryNow();
  await settled();
  expect(clipsAsked(asked)).toBe('aa');
});

it('takes up what an earlier visit left', async () => {
  const left = { kind: 'action', requestId: 'r1', page: 'before', action: skip('a'), tookMs: 5, tried: true, change: -1 };
  localStorage.setItem('heaters.outbox.v2.me', JSON.stringify([left]));
  const { sender, asked } = senderWith();
  await settled();
  expect(asked).toMatchObject([{ requestId: 'r1', page: 'before' }]);
  expect(sender.entries).toEqual([]);
});

it('carries over what was decided on a page of the first version, before all else', async () => {
  const old = [
    { kind: 'decision', requestId: 'r1', clipId: 'a', action: 'skip', version: 3, tookMs: 5, tried: true },
    { kind: 'undo', requestId: 'r2', clipId: 'a', tried: false },
    { kind: 'undo', requestId: 'r3', clipId: null, tried: false },
    { kind: 'decision', requestId: 'r4' },
  ];
  localStorage.setItem('heaters.outbox.me', JSON.stringify(old));
  const left = { kind: 'action', requestId: 'r5', page: 'before', action: skip('b'), tookMs: 5, tried: false, change: -1 };
  localStorage.setItem('heaters.outbox.v2.me', JSON.stringify([left]));
  const { asked } = senderWith();
  await settled();
  expect(asked).toMatchObject([
    { requestId: 'r1', kind: 'action', action: { kind: 'skip', clips: [{ id: 'a', version: 3 }] }, tookMs: 5 },
    { requestId: 'r2', kind: 'undo', clips: ['a'] },
    { requestId: 'r3', kind: 'undo', clips: [] },
    { requestId: 'r5' },
  ]);
  expect(localStorage.getItem('heaters.outbox.me')).toBeNull();
});

it('never waits longer than a quarter of a minute', () => {
  expect([waitAfter(1), waitAfter(2), waitAfter(30)]).toEqual([500, 1000, 15_000]);
});
