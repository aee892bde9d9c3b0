import { type Api, bodyOf } from '../api/client';
import { ApiProblem, sentenceOf } from '../api/problem';
import type { Clip, EventAction, ReviewAction } from '../api/types';
import {
  type Outbox,
  type OutboxEntry,
  type QueuedUndo,
  type UndoPlan,
  carriedOver,
  confirm,
  markTried,
  parseOutbox,
  planReverse,
  push,
  refuse,
} from './outbox';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** The largest number of milliseconds that the API takes. */
const LONGEST_LOOK_MS = 2 ** 31 - 1;

/** What an action or its undo led to. */
export interface Answer {
  /** The active clips that it changed or made, in order. */
  readonly clips: readonly Clip[];
  /** The clips that are replaced now. */
  readonly archived: readonly string[];
  /** How many clips wait for review now. */
  readonly pending: number;
  /** Of an undo or redo: what it was about. */
  readonly undone_action?: EventAction;
}

/** What became of an entry. */
export type Outcome =
  | { readonly kind: 'confirmed'; readonly entry: OutboxEntry; readonly answer: Answer }
  | {
      readonly kind: 'refused';
      readonly entry: OutboxEntry;
      readonly sentence: string;
      /** What was built on it and goes with it. */
      readonly dropped: readonly OutboxEntry[];
    };

/** `sentHere`: by this tab, whichever tab it was done in. */
export type Settled = Outcome & { readonly sentHere: boolean };

/** What the sender needs of the API; the real one is made by `sendWith`. */
export type Send = (entry: OutboxEntry) => Promise<Answer>;

export function sendWith(api: Api): Send {
  return (entry) => {
    const asked = { request_id: entry.requestId, page: entry.page };
    switch (entry.kind) {
      case 'undo':
        return bodyOf(api.POST('/v1/undo', { body: asked }));
      case 'redo':
        return bodyOf(api.POST('/v1/redo', { body: asked }));
      case 'action':
        return bodyOf(api.POST('/v1/actions', { body: { ...asked, took_ms: entry.tookMs, action: entry.action } }));
    }
  };
}

/** How long to wait after the nth failure in a row, n from 1. */
export function waitAfter(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}

function isPassing(error: unknown): boolean {
  return !(error instanceof ApiProblem) || error.mayPass;
}

/**
 * Keeps the outbox in the browser's storage, so that a reload or a dead network loses nothing, and sends it in
 * order. All of a person's tabs share one outbox; a lock lets one of them send at a time.
 */
export class OutboxSender extends EventTarget {
  private readonly key: string;
  private readonly news: BroadcastChannel;
  private sending = false;
  private wake: (() => void) | undefined;
  /** Why the first entry could not be sent so far. */
  trouble: string | null = null;

  constructor(
    subject: string,
    /** This page's id now, as the claims of clips name it. */
    private readonly page: () => string,
    private readonly send: Send,
  ) {
    super();
    this.key = `heaters.outbox.v2.${subject}`;
    this.news = new BroadcastChannel(this.key);
    this.news.addEventListener('message', (message: MessageEvent<Outcome>) => {
      this.tell({ ...message.data, sentHere: false });
    });
    window.addEventListener('storage', (event) => event.key === this.key && this.changed());
    window.addEventListener('online', () => this.retryNow());
    this.carryOver(`heaters.outbox.${subject}`);
    this.start();
  }

  /** The outbox as every tab sees it. */
  get entries(): Outbox {
    return parseOutbox(localStorage.getItem(this.key));
  }

  /** Queues an action; `change` is what it does to the number of pending clips. Gives the request's id. */
  act(action: ReviewAction, tookMs: number, change: number): string {
    const requestId = crypto.randomUUID();
    const took = Math.min(LONGEST_LOOK_MS, Math.max(0, Math.round(tookMs)));
    this.update((outbox) =>
      push(outbox, { kind: 'action', requestId, page: this.page(), action, tookMs: took, tried: false, change }),
    );
    return requestId;
  }

  /** Takes back the latest action, or does it again; `clips` are those it changes, as far as the page knows. */
  reverse(kind: 'undo' | 'redo', clips: readonly string[], change: number): UndoPlan & { requestId: string } {
    const requestId = crypto.randomUUID();
    const entry: QueuedUndo = { kind, requestId, page: this.page(), clips, tried: false, change };
    const plan = planReverse(this.entries, entry);
    this.update(() => plan.outbox);
    return { ...plan, requestId };
  }

  retryNow(): void {
    this.wake?.();
  }

  /** Calls back whenever the outbox or the trouble with it changes. */
  onChange(listener: () => void): () => void {
    this.addEventListener('change', listener);
    return () => this.removeEventListener('change', listener);
  }

  onSettled(listener: (settled: Settled) => void): () => void {
    const wrapped = (event: Event) => listener((event as CustomEvent<Settled>).detail);
    this.addEventListener('settled', wrapped);
    return () => this.removeEventListener('settled', wrapped);
  }

  /** What was decided on a page of the first version goes first. */
  private carryOver(key: string): void {
    const text = localStorage.getItem(key);
    if (text === null) return;
    // No page of today made them.
    this.update((outbox) => [...carriedOver(text, crypto.randomUUID()), ...outbox]);
    localStorage.removeItem(key);
  }

  /** Reads, changes and writes in one go, as no other tab can come between. */
  private update(change: (outbox: Outbox) => Outbox): void {
    localStorage.setItem(this.key, JSON.stringify(change(this.entries)));
    this.changed();
    this.start();
  }

  private start(): void {
    if (this.sending || this.entries.length === 0) return;
    this.sending = true;
    void navigator.locks
      .request(this.key, () => this.drain())
      .finally(() => {
        this.sending = false;
        // Something may have come in after the last look.
        this.start();
      });
  }

  private async drain(): Promise<void> {
    let failures = 0;
    for (let entry = this.entries[0]; entry; entry = this.entries[0]) {
      const { requestId } = entry;
      this.update((outbox) => markTried(outbox, requestId));
      try {
        const answer = await this.send(entry);
        failures = 0;
        this.trouble = null;
        this.update((outbox) => confirm(outbox, requestId, answer));
        this.settle({ kind: 'confirmed', entry, answer });
      } catch (error) {
        if (isPassing(error)) {
          failures += 1;
          await this.waitOut(failures, error);
        } else {
          this.trouble = null;
          const { outbox, dropped } = refuse(this.entries, requestId);
          this.update(() => outbox);
          this.settle({ kind: 'refused', entry, sentence: sentenceOf(error), dropped });
        }
      }
    }
  }

  private async waitOut(failures: number, error: unknown): Promise<void> {
    this.trouble = sentenceOf(error);
    this.changed();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitAfter(failures));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }

  private settle(outcome: Outcome): void {
    this.tell({ ...outcome, sentHere: true });
    this.news.postMessage(outcome);
  }

  private tell(settled: Settled): void {
    this.dispatchEvent(new CustomEvent<Settled>('settled', { detail: settled }));
  }

  private changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
