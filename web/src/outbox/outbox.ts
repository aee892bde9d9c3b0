// What the reviewer did and the API has not confirmed yet. Pure: the store keeps it, the sender empties it.
import type { ClipRef, ReviewAction } from '../api/types';

interface Queued {
  /** The API recognises a request sent twice by it. */
  readonly requestId: string;
  /** The page that holds the claims of the clips. */
  readonly page: string;
  /** Whether it may have reached the API already. */
  readonly tried: boolean;
  /** What it does to the number of clips that wait for review, as far as the page knows. */
  readonly change: number;
}

export interface QueuedAction extends Queued {
  readonly kind: 'action';
  readonly action: ReviewAction;
  /** From the clip's first frame to the key press, in milliseconds. */
  readonly tookMs: number;
}

export interface QueuedUndo extends Queued {
  readonly kind: 'undo' | 'redo';
  /** The clips it changes; none where only the API knows (done before the page was loaded). */
  readonly clips: readonly string[];
}

export type OutboxEntry = QueuedAction | QueuedUndo;

/** In the order of the key presses, which is the order of sending. */
export type Outbox = readonly OutboxEntry[];

/** The clips that an action names. */
export function clipsOfAction(action: ReviewAction): readonly string[] {
  return 'clips' in action ? action.clips.map((clip) => clip.id) : [action.clip.id];
}

export function clipsOf(entry: OutboxEntry): readonly string[] {
  return entry.kind === 'action' ? clipsOfAction(entry.action) : entry.clips;
}

function meet(one: readonly string[], other: readonly string[]): boolean {
  return one.some((id) => other.includes(id));
}

export function push(outbox: Outbox, entry: OutboxEntry): Outbox {
  return [...outbox, entry];
}

export function markTried(outbox: Outbox, requestId: string): Outbox {
  return outbox.map((entry) => (entry.requestId === requestId ? { ...entry, tried: true } : entry));
}

export interface UndoPlan {
  readonly outbox: Outbox;
  /** What never left the browser and need not. */
  readonly cancelled: OutboxEntry | null;
}

/**
 * Takes back the latest action, or does it again: silently while what it reverses surely has not left the
 * browser, else with a request sent after it.
 */
export function planReverse(outbox: Outbox, reverse: QueuedUndo): UndoPlan {
  const last = outbox.at(-1);
  const reversed = reverse.kind === 'undo' ? ['action', 'redo'] : ['undo'];
  if (last && !last.tried && reversed.includes(last.kind)) return { outbox: outbox.slice(0, -1), cancelled: last };
  return { outbox: push(outbox, reverse), cancelled: null };
}

function withVersions(action: ReviewAction, versions: ReadonlyMap<string, number>): ReviewAction {
  const renew = <T extends { id: string; version: number }>(clip: T): T => ({
    ...clip,
    version: versions.get(clip.id) ?? clip.version,
  });
  return 'clips' in action ? { ...action, clips: action.clips.map(renew) } : { ...action, clip: renew(action.clip) };
}

/** The API took it: later actions about the same clips are about the clips as they are now. */
export function confirm(outbox: Outbox, requestId: string, answer: { readonly clips: readonly ClipRef[] }): Outbox {
  const versions = new Map(answer.clips.map((clip) => [clip.id, clip.version]));
  return outbox
    .filter((entry) => entry.requestId !== requestId)
    .map((entry) =>
      entry.kind === 'action' && !entry.tried ? { ...entry, action: withVersions(entry.action, versions) } : entry,
    );
}

export interface Refusal {
  readonly outbox: Outbox;
  /** What goes with it, since it was built on it: an undo left alone would undo the action before. */
  readonly dropped: readonly OutboxEntry[];
}

/** The API refused it. */
export function refuse(outbox: Outbox, requestId: string): Refusal {
  const index = outbox.findIndex((entry) => entry.requestId === requestId);
  const refused = outbox[index];
  if (!refused) return { outbox, dropped: [] };
  const clips = clipsOf(refused);
  const dropped = outbox.filter((entry, at) => at > index && meet(clipsOf(entry), clips));
  return { outbox: outbox.filter((entry) => entry !== refused && !dropped.includes(entry)), dropped };
}

const DECIDING: ReadonlySet<ReviewAction['kind']> = new Set(['approve', 'skip', 'archive', 'group']);

export function isDeciding(action: ReviewAction): boolean {
  return DECIDING.has(action.kind);
}

/** The clips that a waiting action has already taken out of the queue. */
export function decidedClips(outbox: Outbox): ReadonlySet<string> {
  const decided = new Set<string>();
  for (const entry of outbox) {
    const takesOut = entry.kind === 'redo' || (entry.kind === 'action' && entry.action.kind !== 'reopen');
    const counts = entry.kind !== 'action' || isDeciding(entry.action) || entry.action.kind === 'reopen';
    if (!counts) continue;
    for (const id of clipsOf(entry)) {
      if (takesOut) decided.add(id);
      else decided.delete(id);
    }
  }
  return decided;
}

const EDITING: ReadonlySet<ReviewAction['kind']> = new Set(['split', 'merge', 'move_cut', 'trim']);

export function isEdit(action: ReviewAction): boolean {
  return EDITING.has(action.kind);
}

/** The clips that a waiting edit is about to replace: whatever else is done to them would be refused. */
export function clipsBeingEdited(outbox: Outbox): ReadonlySet<string> {
  return new Set(outbox.flatMap((entry) => (entry.kind === 'action' && isEdit(entry.action) ? clipsOf(entry) : [])));
}

/** How many clips are left for the reviewer, given how many the API last counted as pending. */
export function leftAfter(pending: number, outbox: Outbox): number {
  return Math.max(0, outbox.reduce((sum, entry) => sum + entry.change, pending));
}

function isRef(value: unknown): boolean {
  const clip = value as { id?: unknown; version?: unknown } | null;
  return typeof clip?.id === 'string' && typeof clip.version === 'number';
}

function isEntry(value: unknown): value is OutboxEntry {
  const entry = value as Partial<Record<string, unknown>> | null;
  if (typeof entry?.['requestId'] !== 'string' || typeof entry['tried'] !== 'boolean') return false;
  if (typeof entry['page'] !== 'string' || typeof entry['change'] !== 'number') return false;
  if (entry['kind'] === 'undo' || entry['kind'] === 'redo') return Array.isArray(entry['clips']);
  const action = entry['action'] as { kind?: unknown; clip?: unknown; clips?: unknown } | undefined;
  if (entry['kind'] !== 'action' || typeof action?.kind !== 'string') return false;
  return isRef(action.clip) || (Array.isArray(action.clips) && action.clips.every(isRef));
}

/** What a page of the first version kept, as it is kept now: single decisions, and undos of one clip. */
export function carriedOver(text: string, page: string): Outbox {
  const renew = (entry: Partial<Record<string, unknown>> | null): unknown => {
    const { kind, requestId, clipId, version, action, tookMs, tried } = entry ?? {};
    const queued = { requestId, page, tried, change: 0 };
    if (kind === 'undo') return { ...queued, kind, clips: clipId === null ? [] : [clipId] };
    return { ...queued, kind: 'action', tookMs, action: { kind: action, clips: [{ id: clipId, version }] } };
  };
  return entriesOf(text).map((entry) => renew(entry as Partial<Record<string, unknown>> | null)).filter(isEntry);
}

/** Reads what an earlier visit kept; anything unreadable is left out rather than blocking the rest. */
export function parseOutbox(text: string | null): Outbox {
  return text === null ? [] : entriesOf(text).filter(isEntry);
}

function entriesOf(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
