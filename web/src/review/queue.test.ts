import { describe, expect, it } from 'vitest';
import { clipOf } from '../testing/clips';
import {
  EMPTY_QUEUE,
  REFILL_UNDER,
  type ReviewQueue,
  addPage,
  advance,
  bringToFront,
  currentClip,
  mediaWanted,
  needsMore,
  refresh,
  replaceWith,
  takeBack,
} from './queue';

const clips = (...names: string[]) => names.map((name) => clipOf(name));
const waiting = (queue: ReviewQueue) => queue.waiting.map((clip) => clip.id).join('');
const decided = (queue: ReviewQueue) => queue.decided.map((clip) => clip.id).join('');
const loaded = addPage(EMPTY_QUEUE, clips('a', 'b', 'c'), 'next');
const NOTHING: ReadonlySet<string> = new Set();

describe('going on', () => {
  it('shows the next clip and remembers the decided one', () => {
    const queue = advance(loaded);
    expect(currentClip(queue)?.id).toBe('b');
    expect(decided(queue)).toBe('a');
  });

  it('stays where nothing is left', () => {
    expect(advance(EMPTY_QUEUE)).toBe(EMPTY_QUEUE);
  });

  it('takes back the latest decided clip, not the one on screen', () => {
    const queue = takeBack(advance(advance(loaded)));
    expect(waiting(queue)).toBe('bc');
    expect(decided(queue)).toBe('a');
    expect(waiting(takeBack(queue))).toBe('abc');
  });
});

describe('loading', () => {
  it('adds a page once, less what is here or decided', () => {
    const queue = addPage(advance(loaded), clips('a', 'b', 'd'), null);
    expect(waiting(queue)).toBe('bcd');
    expect(queue.cursor).toBeNull();
  });

  it('asks for more only when few wait and there is more', () => {
    expect(needsMore(loaded)).toBe(true);
    expect(needsMore({ ...loaded, cursor: null })).toBe(false);
    expect(needsMore(EMPTY_QUEUE)).toBe(false);
    const full = addPage(EMPTY_QUEUE, clips('a', 'b', 'c', 'd', 'e', 'f').slice(0, REFILL_UNDER), 'next');
    expect(needsMore(full)).toBe(false);
  });

  it('begins anew without the clips whose decision is not saved', () => {
    const queue = replaceWith(advance(loaded), clips('a', 'b', 'c'), null, new Set(['a']));
    expect(waiting(queue)).toBe('bc');
    expect(decided(queue)).toBe('a');
  });

  it('shows a clip again that the API says still waits', () => {
    const queue = replaceWith(advance(loaded), clips('a', 'b', 'c'), null, NOTHING);
    expect(waiting(queue)).toBe('abc');
    expect(decided(queue)).toBe('');
  });

  it('takes the newer account of a clip', () => {
    expect(currentClip(refresh(loaded, clipOf('a', { version: 7 })))?.version).toBe(7);
  });

  it('shows a clip only once, wherever it was', () => {
    expect(waiting(bringToFront(loaded, clipOf('c')))).toBe('cab');
  });
});

describe('media', () => {
  it('is wanted for the clip on screen first, then the next, then the latest decided', () => {
    const queue = advance(advance(addPage(EMPTY_QUEUE, clips('a', 'b', 'c', 'd', 'e', 'f'), null)));
    expect(mediaWanted(queue, 2, 1).join('')).toBe('cdeb');
    expect(mediaWanted(queue, 2, 0).join('')).toBe('cde');
  });
});
