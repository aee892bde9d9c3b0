// Which clips the grid shows, and as what. Pure.
import type { Clip, ClipOrder } from '../api/types';
import type { Outbox } from '../outbox/outbox';
import { framesPerSecond } from '../shared/format';
import { type StateKind, stateKind } from '../shared/states';

export interface Filters {
  readonly kind: StateKind | null;
  readonly minSeconds: number | null;
  readonly maxSeconds: number | null;
  /** 0..1: clips whose less certain cut is at most this certain. */
  readonly maxConfidence: number | null;
  /** A part of the note. */
  readonly text: string;
  readonly tag: string;
  readonly order: ClipOrder;
}

export const NO_FILTERS: Filters = {
  kind: null,
  minSeconds: null,
  maxSeconds: null,
  maxConfidence: null,
  text: '',
  tag: '',
  order: 'time',
};

export const KINDS = ['pending', 'good', 'skipped', 'archived', 'bad'] as const;
export const ORDERS = ['time', 'confidence', 'look_alike'] as const;

function numberOf(text: string | null): number | null {
  if (text === null || text.trim() === '') return null;
  const number = Number(text);
  return Number.isFinite(number) && number >= 0 ? number : null;
}

export function parseFilters(search: string): Filters {
  const query = new URLSearchParams(search);
  return {
    kind: KINDS.find((kind) => kind === query.get('state')) ?? null,
    minSeconds: numberOf(query.get('min_seconds')),
    maxSeconds: numberOf(query.get('max_seconds')),
    maxConfidence: numberOf(query.get('max_confidence')),
    text: query.get('text')?.trim() ?? '',
    tag: query.get('tag')?.trim() ?? '',
    order: ORDERS.find((order) => order === query.get('order')) ?? 'time',
  };
}

export function formatFilters(video: string, filters: Filters): string {
  const query = new URLSearchParams({ video });
  const put = (name: string, value: string | number | null) => {
    if (value !== null && value !== '') query.set(name, String(value));
  };
  put('state', filters.kind);
  put('min_seconds', filters.minSeconds);
  put('max_seconds', filters.maxSeconds);
  put('max_confidence', filters.maxConfidence);
  put('text', filters.text);
  put('tag', filters.tag);
  put('order', filters.order === 'time' ? null : filters.order);
  return `?${query.toString()}`;
}

export function isFiltered(filters: Filters): boolean {
  return Object.entries(filters).some(([name, value]) => name !== 'order' && value !== null && value !== '');
}

const KIND_AFTER = { approve: 'good', group: 'good', skip: 'skipped', archive: 'archived', reopen: 'pending' } as const;

/** What the decisions that are still on their way make of clips. */
export function overlayOf(outbox: Outbox): ReadonlyMap<string, StateKind> {
  const overlay = new Map<string, StateKind>();
  for (const entry of outbox) {
    if (entry.kind !== 'action') {
      // What an undo brings back is the API's to say.
      for (const id of entry.clips) overlay.delete(id);
      continue;
    }
    const { action } = entry;
    if (!('clips' in action) || !(action.kind in KIND_AFTER)) continue;
    for (const { id } of action.clips) overlay.set(id, KIND_AFTER[action.kind as keyof typeof KIND_AFTER]);
  }
  return overlay;
}

export function shownKind(clip: Clip, overlay: ReadonlyMap<string, StateKind>): StateKind {
  return overlay.get(clip.id) ?? stateKind(clip.state);
}

export function secondsOf(clip: Clip): number {
  return (clip.end_frame - clip.start_frame) / Math.max(1e-6, framesPerSecond(clip.fps));
}

export function filtered(clips: readonly Clip[], filters: Filters, overlay: ReadonlyMap<string, StateKind>): readonly Clip[] {
  if (!isFiltered(filters)) return clips;
  const { kind, minSeconds, maxSeconds, maxConfidence, tag } = filters;
  const text = filters.text.toLowerCase();
  return clips.filter((clip) => {
    const seconds = secondsOf(clip);
    return (
      (kind === null || shownKind(clip, overlay) === kind) &&
      (minSeconds === null || seconds >= minSeconds) &&
      (maxSeconds === null || seconds <= maxSeconds) &&
      (maxConfidence === null || (clip.confidence !== null && clip.confidence <= maxConfidence)) &&
      (text === '' || (clip.note ?? '').toLowerCase().includes(text)) &&
      (tag === '' || clip.tags.includes(tag))
    );
  });
}
