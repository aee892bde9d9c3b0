// One file on its way: what has happened, and what to do next. Pure: no network, no clock, no file.
import { type Plan, partLength } from './plan';

export type Phase =
  /** Waits for its turn. */
  | 'queued'
  | 'sending'
  | 'paused'
  /** Known from before a reload; the file has to be chosen again. */
  | 'interrupted'
  | 'done'
  | 'failed';

export interface Transfer {
  readonly phase: Phase;
  readonly sizeBytes: number;
  /** null until storage has been asked. */
  readonly plan: Plan | null;
  readonly done: ReadonlySet<number>;
  /** Parts under way, and how many bytes of each have left. */
  readonly underWay: ReadonlyMap<number, number>;
  /** Whether the beginning or the end of the upload is being arranged. */
  readonly arranging: boolean;
  /** Failures in a row. */
  readonly failures: number;
  /** When to try again, milliseconds; null when nothing failed. */
  readonly retryAt: number | null;
  /** What went wrong last, for people. */
  readonly trouble: string | null;
}

export type Happening =
  | { readonly kind: 'turn' }
  | { readonly kind: 'arranging' }
  | { readonly kind: 'planned'; readonly plan: Plan; readonly done: readonly number[] }
  | { readonly kind: 'part_started'; readonly part: number }
  | { readonly kind: 'part_progress'; readonly part: number; readonly bytes: number }
  | { readonly kind: 'part_done'; readonly part: number }
  /** `passing`: the same may succeed later. `part` is null where the beginning or the end failed. */
  | {
      readonly kind: 'failed';
      readonly part: number | null;
      readonly passing: boolean;
      readonly sentence: string;
      readonly now: number;
    }
  | { readonly kind: 'completed' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'online' };

export type Job =
  | { readonly kind: 'begin' }
  | { readonly kind: 'part'; readonly part: number }
  | { readonly kind: 'complete' }
  | { readonly kind: 'wait'; readonly until: number };

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** How long to wait after the nth failure in a row, n from 1. */
export function waitAfter(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}

export function transferOf(sizeBytes: number, phase: 'queued' | 'interrupted' = 'queued'): Transfer {
  return {
    phase,
    sizeBytes,
    plan: null,
    done: new Set(),
    underWay: new Map(),
    arranging: false,
    failures: 0,
    retryAt: null,
    trouble: null,
  };
}

const CALM = { failures: 0, retryAt: null, trouble: null } as const;

function without<K, V>(map: ReadonlyMap<K, V>, key: K): Map<K, V> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

function failed(transfer: Transfer, happening: Happening & { kind: 'failed' }): Transfer {
  const { part, passing, sentence, now } = happening;
  const rest: Transfer =
    part === null
      ? { ...transfer, arranging: false }
      : { ...transfer, underWay: without(transfer.underWay, part) };
  if (!passing) return { ...rest, phase: 'failed', underWay: new Map(), retryAt: null, trouble: sentence };
  // Parts that fail together, as at a lost connection, are one failure.
  if (rest.retryAt !== null && rest.retryAt > now) return rest;
  const failures = rest.failures + 1;
  return { ...rest, failures, retryAt: now + waitAfter(failures), trouble: sentence };
}

export function after(transfer: Transfer, happening: Happening): Transfer {
  switch (happening.kind) {
    case 'turn':
      return transfer.phase === 'queued' ? { ...transfer, phase: 'sending' } : transfer;
    case 'arranging':
      return { ...transfer, arranging: true };
    case 'planned':
      return { ...transfer, ...CALM, plan: happening.plan, done: new Set(happening.done), arranging: false };
    case 'part_started':
      return { ...transfer, underWay: new Map(transfer.underWay).set(happening.part, 0) };
    case 'part_progress':
      if (!transfer.underWay.has(happening.part)) return transfer;
      return { ...transfer, underWay: new Map(transfer.underWay).set(happening.part, happening.bytes) };
    case 'part_done':
      return {
        ...transfer,
        ...CALM,
        done: new Set(transfer.done).add(happening.part),
        underWay: without(transfer.underWay, happening.part),
      };
    case 'failed':
      return failed(transfer, happening);
    case 'completed':
      return { ...transfer, ...CALM, phase: 'done', arranging: false };
    case 'pause':
      if (transfer.phase !== 'sending' && transfer.phase !== 'queued') return transfer;
      return { ...transfer, ...CALM, phase: 'paused', underWay: new Map(), arranging: false };
    case 'resume':
      return transfer.phase === 'done' ? transfer : { ...transfer, ...CALM, phase: 'queued' };
    case 'online':
      return transfer.retryAt === null ? transfer : { ...transfer, retryAt: 0 };
  }
}

/** What to begin now, with at most `atOnce` parts under way. */
export function jobs(transfer: Transfer, now: number, atOnce: number): Job[] {
  const { phase, plan, done, underWay, arranging, retryAt } = transfer;
  if (phase !== 'sending' || arranging) return [];
  if (retryAt !== null && retryAt > now) return [{ kind: 'wait', until: retryAt }];
  if (plan === null) return [{ kind: 'begin' }];
  if (done.size >= plan.parts) return [{ kind: 'complete' }];
  // One part finds out whether the connection is back.
  const free = (retryAt === null ? atOnce : 1) - underWay.size;
  const next: Job[] = [];
  for (let part = 1; part <= plan.parts && next.length < free; part += 1) {
    if (!done.has(part) && !underWay.has(part)) next.push({ kind: 'part', part });
  }
  return next;
}

/** Bytes that have left, those of parts under way among them. */
export function sentBytes({ plan, done, underWay, phase, sizeBytes }: Transfer): number {
  if (phase === 'done') return sizeBytes;
  if (plan === null) return 0;
  let sum = 0;
  for (const part of done) sum += partLength(plan, part);
  for (const [part, bytes] of underWay) sum += Math.min(bytes, partLength(plan, part));
  return sum;
}
