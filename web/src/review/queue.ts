// The clips that wait for this reviewer, the one on screen, and what was decided in this visit. Pure.
import type { Clip } from '../api/types';
import { isPending } from '../shared/states';

/** Fewer waiting clips than this: time to ask for more. */
export const REFILL_UNDER = 7;

/** A decision of this visit, with its clips as they were before: what undo brings back at once. */
export interface Done {
  readonly requestId: string;
  readonly clips: readonly Clip[];
}

export interface ReviewQueue {
  /** In the order of review. The clip on screen is among them while it waits. */
  readonly waiting: readonly Clip[];
  /** The clip on screen: mostly one that waits, or any other that was asked for. */
  readonly shown: Clip | null;
  /** Oldest first. */
  readonly done: readonly Done[];
  /** Undone and not replaced by something new, oldest first: what redo does again at once. */
  readonly undone: readonly Done[];
  /** How many clips were decided in this visit. */
  readonly count: number;
  /** Whether the API had no more when it was last asked. */
  readonly ended: boolean;
  readonly loaded: boolean;
}

export const EMPTY_QUEUE: ReviewQueue = { waiting: [], shown: null, done: [], undone: [], count: 0, ended: false, loaded: false };

function ids(clips: readonly Clip[]): ReadonlySet<string> {
  return new Set(clips.map((clip) => clip.id));
}

function isIn(clips: readonly Clip[], id: string | undefined): boolean {
  return clips.some((clip) => clip.id === id);
}

/**
 * The clip after the one on screen: the next that waits, or for a clip that was visited out of order the one that
 * follows it in its video; from the start again at the end.
 */
export function successor({ waiting, shown }: ReviewQueue): Clip | null {
  if (!shown) return waiting[0] ?? null;
  const at = waiting.findIndex((clip) => clip.id === shown.id);
  const others = waiting.filter((clip) => clip.id !== shown.id);
  if (at !== -1) return others[at] ?? others[0] ?? null;
  const follows = (clip: Clip) => clip.video_id === shown.video_id && clip.start_frame >= shown.end_frame;
  return others.find(follows) ?? others[0] ?? null;
}

/** Takes in what the API gave, less what is already here or decided and not saved. */
export function add(queue: ReviewQueue, clips: readonly Clip[], ended: boolean, unsaved: ReadonlySet<string>): ReviewQueue {
  const known = ids(queue.waiting);
  const fresh = clips.filter((clip) => !known.has(clip.id) && !unsaved.has(clip.id));
  const waiting = [...queue.waiting, ...fresh];
  return { ...queue, waiting, shown: queue.shown ?? waiting[0] ?? null, ended, loaded: true };
}

/** Puts any clip on screen. */
export function show(queue: ReviewQueue, clip: Clip): ReviewQueue {
  return { ...queue, shown: clip };
}

/** Goes on from a clip that is only looked at, or leaves one for later. */
export function goOn(queue: ReviewQueue): ReviewQueue {
  return { ...queue, shown: successor(queue) };
}

/** These clips are decided: the next one is on. */
export function decide(queue: ReviewQueue, done: Done): ReviewQueue {
  const gone = ids(done.clips);
  const waiting = queue.waiting.filter((clip) => !gone.has(clip.id));
  const shown = queue.shown && gone.has(queue.shown.id) ? successor(queue) : queue.shown;
  const next = shown && gone.has(shown.id) ? (waiting[0] ?? null) : shown;
  const count = queue.count + done.clips.length;
  return { ...queue, waiting, shown: next, done: [...queue.done, done], undone: [], count };
}

/** Brings clips back on screen, before all that wait. */
export function putBack(queue: ReviewQueue, clips: readonly Clip[]): ReviewQueue {
  const back = ids(clips);
  const waits = clips.filter(isPending);
  const shownFirst = queue.shown && !back.has(queue.shown.id) ? queue.shown.id : undefined;
  const others = queue.waiting.filter((clip) => !back.has(clip.id));
  const at = Math.max(0, others.findIndex((clip) => clip.id === shownFirst));
  const waiting = [...others.slice(0, at), ...waits, ...others.slice(at)];
  return { ...queue, waiting, shown: clips[0] ?? queue.shown };
}

/** Takes back the latest decision of this visit. */
export function undo(queue: ReviewQueue): ReviewQueue {
  const last = queue.done.at(-1);
  if (!last) return queue;
  const back = putBack(queue, last.clips);
  const count = queue.count - last.clips.length;
  return { ...back, done: queue.done.slice(0, -1), undone: [...queue.undone, last], count };
}

/** Does the latest undone decision again. */
export function redo(queue: ReviewQueue): ReviewQueue {
  const last = queue.undone.at(-1);
  if (!last) return queue;
  return { ...decide(queue, last), undone: queue.undone.slice(0, -1) };
}

/** What was done last is not what the page knows: nothing is undone or done again at once. */
export function forgetHistory(queue: ReviewQueue): ReviewQueue {
  return { ...queue, done: [], undone: [] };
}

/** Takes out clips that are not this page's any more. */
export function drop(queue: ReviewQueue, lost: readonly string[]): ReviewQueue {
  const waiting = queue.waiting.filter((clip) => !lost.includes(clip.id));
  const shown = queue.shown && lost.includes(queue.shown.id) ? successor(queue) : queue.shown;
  return { ...queue, waiting, shown: shown && lost.includes(shown.id) ? (waiting[0] ?? null) : shown };
}

function overlap(one: Clip, other: Clip): number {
  if (one.video_id !== other.video_id) return 0;
  return Math.min(one.end_frame, other.end_frame) - Math.max(one.start_frame, other.start_frame);
}

/** Of what an edit made, the clip that is most of the one on screen; of equals the first, and those that wait first. */
export function heirOf(shown: Clip, clips: readonly Clip[]): Clip | undefined {
  const better = (a: Clip, b: Clip) => Number(isPending(b)) - Number(isPending(a)) || overlap(b, shown) - overlap(a, shown);
  return clips.filter((clip) => overlap(clip, shown) > 0).toSorted(better)[0];
}

export interface Change {
  /** The active clips that were changed or made. */
  readonly clips: readonly Clip[];
  /** The clips that are replaced. */
  readonly archived: readonly string[];
  /** Which of them to show: the heir of the clip on screen, or the first. */
  readonly show: 'heir' | 'first' | 'stay';
}

/** Takes in an answer of the API: newer accounts of known clips, and new clips in place of those they replace. */
export function settle(queue: ReviewQueue, change: Change, unsaved: ReadonlySet<string>): ReviewQueue {
  const fresh = new Map(change.clips.map((clip) => [clip.id, clip]));
  const gone = new Set(change.archived);
  const renewed = queue.waiting.map((clip) => fresh.get(clip.id) ?? clip);
  const place = renewed.findIndex((clip) => gone.has(clip.id) || clip.id === queue.shown?.id);
  // A queue of decided clips keeps them; one that waited and does no more leaves.
  const decidedBefore = ids(queue.waiting.filter((clip) => !isPending(clip)));
  const stays = (clip: Clip) => !gone.has(clip.id) && (isPending(clip) || decidedBefore.has(clip.id));
  const before = renewed.slice(0, Math.max(0, place)).filter(stays);
  const after = renewed.slice(Math.max(0, place)).filter(stays);
  const known = ids([...before, ...after]);
  const made = change.clips.filter((clip) => isPending(clip) && !known.has(clip.id) && !unsaved.has(clip.id));
  const waiting = [...before, ...made, ...after];
  const shown = shownAfter(queue, change, gone, waiting);
  return { ...queue, waiting, shown };
}

function shownAfter(queue: ReviewQueue, change: Change, gone: ReadonlySet<string>, waiting: readonly Clip[]): Clip | null {
  const { shown } = queue;
  const renewed = shown && (change.clips.find((clip) => clip.id === shown.id) ?? shown);
  if (change.show === 'first' && change.clips[0]) return change.clips.find(isPending) ?? change.clips[0];
  if (renewed && !gone.has(renewed.id)) return renewed;
  const heir = shown && heirOf(shown, change.clips);
  return heir ?? waiting[0] ?? null;
}

export function needsMore(queue: ReviewQueue): boolean {
  return queue.loaded && !queue.ended && queue.waiting.length < REFILL_UNDER;
}

/** The clip that will be on screen next, and those after it. */
export function upcoming(queue: ReviewQueue, count: number): readonly Clip[] {
  const coming: Clip[] = [];
  let at: ReviewQueue = queue;
  while (coming.length < count) {
    const next = successor(at);
    if (!next || isIn(coming, next.id) || next.id === queue.shown?.id) break;
    coming.push(next);
    at = show(at, next);
  }
  return coming;
}
