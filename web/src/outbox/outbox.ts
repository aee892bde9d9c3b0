// What the reviewer decided and the API has not confirmed yet. Pure: the store keeps it, the sender empties it.
import type { Clip, ReviewAction } from '../api/types';

export interface QueuedDecision {
  readonly kind: 'decision';
  /** The API recognises a request sent twice by it. */
  readonly requestId: string;
  readonly clipId: string;
  readonly action: ReviewAction;
  readonly version: number;
  /** From the clip's first frame to the key press, in milliseconds. */
  readonly tookMs: number;
  /** Whether it may have reached the API already. */
  readonly tried: boolean;
}

export interface QueuedUndo {
  readonly kind: 'undo';
  readonly requestId: string;
  /** The clip it brings back; null where only the API knows (decided before the page was loaded). */
  readonly clipId: string | null;
  readonly tried: boolean;
}

export type OutboxEntry = QueuedDecision | QueuedUndo;

/** In the order of the key presses, which is the order of sending. */
export type Outbox = readonly OutboxEntry[];

export function push(outbox: Outbox, entry: OutboxEntry): Outbox {
  return [...outbox, entry];
}

export function markTried(outbox: Outbox, requestId: string): Outbox {
  return outbox.map((entry) => (entry.requestId === requestId ? { ...entry, tried: true } : entry));
}

export interface UndoPlan {
  readonly outbox: Outbox;
  /** The decision that never left the browser and need not. */
  readonly cancelled: QueuedDecision | null;
}

/**
 * Takes back the latest decision: silently while it surely has not left the browser, else with an undo sent
 * after it.
 */
export function planUndo(outbox: Outbox, requestId: string, clipId: string | null): UndoPlan {
  const last = outbox.at(-1);
  if (last?.kind === 'decision' && !last.tried) return { outbox: outbox.slice(0, -1), cancelled: last };
  return { outbox: push(outbox, { kind: 'undo', requestId, clipId, tried: false }), cancelled: null };
}

/** The API took it: later decisions about the same clip are about the clip as it is now. */
export function confirm(outbox: Outbox, requestId: string, clip: Clip): Outbox {
  return outbox
    .filter((entry) => entry.requestId !== requestId)
    .map((entry) =>
      entry.kind === 'decision' && entry.clipId === clip.id && !entry.tried
        ? { ...entry, version: clip.version }
        : entry,
    );
}

/**
 * The API refused it. What was built on it goes too: an undo left alone would undo the decision before.
 */
export function refuse(outbox: Outbox, requestId: string): Outbox {
  const index = outbox.findIndex((entry) => entry.requestId === requestId);
  const refused = outbox[index];
  if (!refused) return outbox;
  return outbox.filter((entry, at) => {
    if (at < index) return true;
    return at !== index && entry.clipId !== refused.clipId;
  });
}

/** The clips that a waiting decision has already taken out of the queue. */
export function decidedClips(outbox: Outbox): ReadonlySet<string> {
  const decided = new Set<string>();
  for (const entry of outbox) {
    if (entry.clipId === null) continue;
    if (entry.kind === 'decision') decided.add(entry.clipId);
    else decided.delete(entry.clipId);
  }
  return decided;
}

/** How many clips are left for the reviewer, given how many the API last counted as pending. */
export function leftAfter(pending: number, outbox: Outbox): number {
  const change = outbox.reduce((sum, entry) => sum + (entry.kind === 'decision' ? -1 : 1), 0);
  return Math.max(0, pending + change);
}

function isEntry(value: unknown): value is OutboxEntry {
  const entry = value as Partial<QueuedDecision> | null;
  if (typeof entry?.requestId !== 'string' || typeof entry.tried !== 'boolean') return false;
  if ((entry.kind as string) === 'undo') return true;
  return entry.kind === 'decision' && typeof entry.clipId === 'string' && typeof entry.version === 'number';
}

/** Reads what an earlier visit kept; anything unreadable is left out rather than blocking the rest. */
export function parseOutbox(text: string | null): Outbox {
  if (text === null) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isEntry) : [];
  } catch {
    return [];
  }
}
