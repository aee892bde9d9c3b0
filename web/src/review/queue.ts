// The clips that wait for this reviewer, and what was decided in this visit. Pure.
import type { Clip } from '../api/types';

/** Fewer waiting clips than this: time to load more. */
export const REFILL_UNDER = 6;

export interface ReviewQueue {
  /** The first is on screen. */
  readonly waiting: readonly Clip[];
  /** Decided in this visit, oldest first: what undo brings back at once. */
  readonly decided: readonly Clip[];
  /** Where the next page begins; null once the API has no more. */
  readonly cursor: string | null;
  readonly loaded: boolean;
}

export const EMPTY_QUEUE: ReviewQueue = { waiting: [], decided: [], cursor: null, loaded: false };

export function currentClip(queue: ReviewQueue): Clip | undefined {
  return queue.waiting[0];
}

/** Appends a page, less what is already here or decided. */
export function addPage(queue: ReviewQueue, clips: readonly Clip[], cursor: string | null): ReviewQueue {
  const known = new Set([...queue.waiting, ...queue.decided].map((clip) => clip.id));
  const fresh = clips.filter((clip) => !known.has(clip.id));
  return { ...queue, waiting: [...queue.waiting, ...fresh], cursor, loaded: true };
}

/** Begins anew with a first page; `unsaved` are clips whose decision the API has not confirmed. */
export function replaceWith(
  queue: ReviewQueue,
  clips: readonly Clip[],
  cursor: string | null,
  unsaved: ReadonlySet<string>,
): ReviewQueue {
  const waiting = clips.filter((clip) => !unsaved.has(clip.id));
  const stillWaiting = new Set(waiting.map((clip) => clip.id));
  const decided = queue.decided.filter((clip) => !stillWaiting.has(clip.id));
  return { waiting, decided, cursor, loaded: true };
}

/** Shows this clip now, wherever it was. */
export function bringToFront(queue: ReviewQueue, clip: Clip): ReviewQueue {
  const others = queue.waiting.filter((other) => other.id !== clip.id);
  const decided = queue.decided.filter((other) => other.id !== clip.id);
  return { ...queue, waiting: [clip, ...others], decided };
}

/** The clip on screen is decided: the next one is on. */
export function advance(queue: ReviewQueue): ReviewQueue {
  const [current, ...waiting] = queue.waiting;
  return current ? { ...queue, waiting, decided: [...queue.decided, current] } : queue;
}

/** Leaves a clip that was only being looked at. */
export function leave(queue: ReviewQueue, clipId: string): ReviewQueue {
  return { ...queue, waiting: queue.waiting.filter((clip) => clip.id !== clipId) };
}

/** Brings the latest decided clip back on screen. */
export function takeBack(queue: ReviewQueue): ReviewQueue {
  const clip = queue.decided.at(-1);
  return clip ? bringToFront(queue, clip) : queue;
}

/** Puts the API's newer account of a clip in place of the one here. */
export function refresh(queue: ReviewQueue, clip: Clip): ReviewQueue {
  const newer = (old: Clip): Clip => (old.id === clip.id ? clip : old);
  return { ...queue, waiting: queue.waiting.map(newer) };
}

export function needsMore(queue: ReviewQueue): boolean {
  return queue.loaded && queue.cursor !== null && queue.waiting.length < REFILL_UNDER;
}

/** The clip on screen, the next `ahead`, and the latest decided `behind`: whose media to hold. */
export function mediaWanted(queue: ReviewQueue, ahead: number, behind: number): string[] {
  const next = queue.waiting.slice(0, 1 + ahead);
  const past = behind > 0 ? queue.decided.slice(-behind).reverse() : [];
  return [...next, ...past].map((clip) => clip.id);
}
