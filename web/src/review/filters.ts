// Which clips the queue holds and in which order, as the address says. Pure.
import type { ClipFilters, ClipOrder, ClipState } from '../api/types';
import { clipWording } from '../shared/states';

export interface QueueFilters {
  readonly video: string | null;
  readonly state: ClipState;
  readonly minSeconds: number | null;
  readonly maxSeconds: number | null;
  /** 0..1, of the less certain of a clip's two cuts. */
  readonly minConfidence: number | null;
  readonly maxConfidence: number | null;
  readonly text: string | null;
  readonly tag: string | null;
  readonly order: ClipOrder;
}

export const ALL_PENDING: QueueFilters = {
  video: null,
  state: 'pending_review',
  minSeconds: null,
  maxSeconds: null,
  minConfidence: null,
  maxConfidence: null,
  text: null,
  tag: null,
  order: 'time',
};

/** The states that a queue can be made of, in the order of the list. */
export const QUEUE_STATES = ['pending_review', 'review_skipped', 'review_archived', 'embedded'] as const satisfies readonly ClipState[];

export const ORDERS: Readonly<Record<ClipOrder, string>> = {
  time: 'As they come in the video',
  confidence: 'Least certain cuts first',
  look_alike: 'Look-alikes together',
};

function isOrder(text: string | null): text is ClipOrder {
  return text !== null && text in ORDERS;
}

function text(query: URLSearchParams, name: string): string | null {
  const value = query.get(name)?.trim();
  // An empty value is a link somebody cut short: it means none.
  return value ? value : null;
}

function number(query: URLSearchParams, name: string, largest: number): number | null {
  const value = Number(text(query, name) ?? NaN);
  return Number.isFinite(value) && value >= 0 && value <= largest ? value : null;
}

const LONGEST_SECONDS = 86_400;

export function filtersOf(query: URLSearchParams): QueueFilters {
  const state = text(query, 'state');
  const order = text(query, 'order');
  return {
    video: text(query, 'video'),
    state: QUEUE_STATES.find((known) => known === state) ?? ALL_PENDING.state,
    minSeconds: number(query, 'min_seconds', LONGEST_SECONDS),
    maxSeconds: number(query, 'max_seconds', LONGEST_SECONDS),
    minConfidence: number(query, 'min_confidence', 1),
    maxConfidence: number(query, 'max_confidence', 1),
    text: text(query, 'text'),
    tag: text(query, 'tag'),
    order: isOrder(order) ? order : ALL_PENDING.order,
  };
}

/** The filters as a claim takes them, without state and order. */
export function claimFilters(filters: QueueFilters): ClipFilters {
  return {
    video: filters.video,
    min_seconds: filters.minSeconds,
    max_seconds: filters.maxSeconds,
    min_confidence: filters.minConfidence,
    max_confidence: filters.maxConfidence,
    text: filters.text,
    tag: filters.tag,
    group: null,
  };
}

type Set = { [name in keyof ClipFilters]?: NonNullable<ClipFilters[name]> };

/** The same in a query, where what does not filter is left out. */
export function apiFilters(filters: QueueFilters): Set {
  return Object.fromEntries(Object.entries(claimFilters(filters)).filter(([, value]) => value !== null));
}

/** The address's query: only what differs from the ordinary queue. */
export function queryOf(filters: QueueFilters): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(apiFilters(filters))) query.set(name, String(value));
  if (filters.state !== ALL_PENDING.state) query.set('state', filters.state);
  if (filters.order !== ALL_PENDING.order) query.set('order', filters.order);
  return query;
}

export function isFiltered(filters: QueueFilters): boolean {
  return queryOf({ ...filters, order: ALL_PENDING.order }).size > 0;
}

function range(least: number | null, most: number | null, unit: string, factor = 1): string | null {
  if (least === null && most === null) return null;
  if (most === null) return `at least ${(least ?? 0) * factor}${unit}`;
  return least === null ? `at most ${most * factor}${unit}` : `${least * factor} to ${most * factor}${unit}`;
}

/** What is filtered, in words, one part each; the video is named by its title where that is known. */
export function described(filters: QueueFilters, title: string | null): readonly string[] {
  const confidence = range(filters.minConfidence, filters.maxConfidence, ' %', 100);
  const parts = [
    filters.video === null ? null : (title ?? 'one video'),
    filters.state === ALL_PENDING.state ? null : clipWording(filters.state).words,
    range(filters.minSeconds, filters.maxSeconds, ' s'),
    confidence === null ? null : `cuts ${confidence} sure`,
    filters.text === null ? null : `“${filters.text}”`,
    filters.tag === null ? null : `#${filters.tag}`,
    filters.order === ALL_PENDING.order ? null : ORDERS[filters.order].toLowerCase(),
  ];
  return parts.filter((part) => part !== null);
}
