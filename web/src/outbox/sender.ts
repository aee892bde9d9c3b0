import { type Api, bodyOf } from '../api/client';
import { ApiProblem, sentenceOf } from '../api/problem';
import type { Clip } from '../api/types';
import { type Outbox, type OutboxEntry, confirm, markTried, parseOutbox, refuse } from './outbox';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** What became of an entry. */
export type Outcome =
  | { readonly kind: 'confirmed'; readonly entry: OutboxEntry; readonly clip: Clip; readonly pending: number }
  | { readonly kind: 'refused'; readonly entry: OutboxEntry; readonly sentence: string };

/** `sentHere`: by this tab, whichever tab it was decided in. */
export type Settled = Outcome & { readonly sentHere: boolean };

/** What the sender needs of the API; the real one is made by `sendWith`. */
export type Send = (entry: OutboxEntry) => Promise<{ clip: Clip; pending: number }>;

export function sendWith(api: Api): Send {
  return (entry) =>
    entry.kind === 'undo'
      ? bodyOf(api.POST('/v1/undo', { body: { request_id: entry.requestId } }))
      : bodyOf(
          api.POST('/v1/clips/{id}/decisions', {
            params: { path: { id: entry.clipId } },
            body: {
              action: entry.action,
              version: entry.version,
              request_id: entry.requestId,
              took_ms: entry.tookMs,
            },
          }),
        );
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
    private readonly send: Send,
  ) {
    super();
    this.key = `heaters.outbox.${subject}`;
    this.news = new BroadcastChannel(this.key);
    this.news.addEventListener('message', (message: MessageEvent<Outcome>) => {
      this.tell({ ...message.data, sentHere: false });
    });
    window.addEventListener('storage', (event) => event.key === this.key && this.changed());
    window.addEventListener('online', () => this.retryNow());
    this.start();
  }

  /** The outbox as every tab sees it. */
  get entries(): Outbox {
    return parseOutbox(localStorage.getItem(this.key));
  }

  /** Reads, changes and writes in one go, as no other tab can come between. */
  update(change: (outbox: Outbox) => Outbox): void {
    localStorage.setItem(this.key, JSON.stringify(change(this.entries)));
    this.changed();
    this.start();
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
        const { clip, pending } = await this.send(entry);
        failures = 0;
        this.trouble = null;
        this.settle({ kind: 'confirmed', entry, clip, pending }, (outbox) => confirm(outbox, requestId, clip));
      } catch (error) {
        if (isPassing(error)) {
          failures += 1;
          await this.waitOut(failures, error);
        } else {
          this.trouble = null;
          const sentence = sentenceOf(error);
          this.settle({ kind: 'refused', entry, sentence }, (outbox) => refuse(outbox, requestId));
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

  private settle(outcome: Outcome, change: (outbox: Outbox) => Outbox): void {
    this.update(change);
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
