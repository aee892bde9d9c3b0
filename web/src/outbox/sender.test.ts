import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiProblem, Unreachable } from '../api/problem';
import { clipOf } from '../testing/clips';
import { type OutboxEntry, type QueuedDecision, push } from './outbox';
import { OutboxSender, type Send, type Settled, waitAfter } from './sender';

function decision(requestId: string, clipId: string): QueuedDecision {
  return { kind: 'decision', requestId, clipId, action: 'skip', version: 1, tookMs: 5, tried: false };
}

/** The parts of a browser that the sender uses. */
function browser() {
  const kept = new Map<string, string>();
  let held = Promise.resolve();
  vi.stubGlobal('window', new EventTarget());
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
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
    return Promise.resolve({ clip: clipOf(entry.clipId ?? 'any', { version: 2 }), pending: 4 });
  };
  const sender = new OutboxSender('me', send);
  sender.onSettled((settled) => told.push(settled));
  return { sender, asked, told };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

it('sends in order, and keeps nothing that is saved', async () => {
  const { sender, asked, told } = senderWith();
  sender.update((outbox) => push(push(outbox, decision('r1', 'a')), decision('r2', 'b')));
  await settled();
  expect(asked.map((entry) => entry.requestId)).toEqual(['r1', 'r2']);
  expect(told).toMatchObject([
    { kind: 'confirmed', pending: 4 },
    { kind: 'confirmed', pending: 4 },
  ]);
  expect(sender.entries).toEqual([]);
});

it('tries the same request again, later and later, until the network is back', async () => {
  const down = new Unreachable(null);
  const { sender, asked, told } = senderWith(down, new ApiProblem(503, 'Down', 'Starting.'), 'ok');
  sender.update((outbox) => push(outbox, decision('r1', 'a')));
  await settled();
  expect(sender.trouble).toBe(down.message);
  expect(sender.entries).toMatchObject([{ requestId: 'r1', tried: true }]);
  await vi.advanceTimersByTimeAsync(waitAfter(1));
  expect(sender.trouble).toBe('Starting.');
  await vi.advanceTimersByTimeAsync(waitAfter(2) - 1);
  expect(asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked.map((entry) => entry.requestId)).toEqual(['r1', 'r1', 'r1']);
  expect(told).toHaveLength(1);
  expect([sender.trouble, sender.entries]).toEqual([null, []]);
});

it('waits no longer when told to try now', async () => {
  const { sender, asked } = senderWith(new Unreachable(null));
  sender.update((outbox) => push(outbox, decision('r1', 'a')));
  await settled();
  sender.retryNow();
  await settled();
  expect(asked).toHaveLength(2);
});

it('tells what was refused, and goes on with the rest', async () => {
  const { sender, asked, told } = senderWith(new ApiProblem(409, 'Conflict', 'Somebody else was first.'));
  sender.update((outbox) => push(push(outbox, decision('r1', 'a')), decision('r2', 'b')));
  await settled();
  expect(asked.map((entry) => entry.requestId)).toEqual(['r1', 'r2']);
  expect(told).toMatchObject([{ kind: 'refused', sentence: 'Somebody else was first.' }, { kind: 'confirmed' }]);
});

it('takes up what an earlier visit left', async () => {
  localStorage.setItem('heaters.outbox.me', JSON.stringify([decision('r1', 'a')]));
  const { sender, asked } = senderWith();
  await settled();
  expect(asked.map((entry) => entry.requestId)).toEqual(['r1']);
  expect(sender.entries).toEqual([]);
});

it('never waits longer than a quarter of a minute', () => {
  expect([waitAfter(1), waitAfter(2), waitAfter(30)]).toEqual([500, 1000, 15_000]);
});
