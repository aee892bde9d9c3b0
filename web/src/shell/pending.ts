import { type Api, bodyOf } from '../api/client';
import { leftAfter } from '../outbox/outbox';
import type { OutboxSender } from '../outbox/sender';
import { poll } from '../shared/poll';

const EVERY_MS = 10_000;

/** How many clips wait for review, of all videos or of one, less what was decided here and is not saved yet. */
export class PendingCount extends EventTarget {
  private atApi: number | null = null;

  constructor(
    private readonly api: Api,
    private readonly outbox: OutboxSender,
    private readonly video: string | null = null,
  ) {
    super();
    outbox.onSettled((settled) => {
      if (settled.kind !== 'confirmed') return;
      if (this.video === null) this.set(settled.answer.pending);
      else if (this.atApi !== null) this.set(this.atApi + settled.entry.change);
    });
    outbox.onChange(() => this.changed());
    poll(async () => {
      await this.refresh();
      return EVERY_MS;
    });
  }

  /** null until the API has answered once. */
  get left(): number | null {
    return this.atApi === null ? null : leftAfter(this.atApi, this.outbox.entries);
  }

  onChange(listener: () => void): () => void {
    this.addEventListener('change', listener);
    return () => this.removeEventListener('change', listener);
  }

  async refresh(): Promise<void> {
    // A count asked for before a decision and answered after it would be wrong: the decision's own answer wins.
    const before = this.outbox.entries.map((entry) => entry.requestId).join();
    try {
      const pending = await this.ask();
      if (this.outbox.entries.map((entry) => entry.requestId).join() === before) this.set(pending);
    } catch {
      // The badge keeps its last number; the page itself says what is wrong.
    }
  }

  private async ask(): Promise<number> {
    if (this.video === null) return (await bodyOf(this.api.GET('/v1/review/summary'))).pending;
    const video = await bodyOf(this.api.GET('/v1/videos/{id}', { params: { path: { id: this.video } } }));
    return video.clips['pending_review'] ?? 0;
  }

  private set(pending: number): void {
    this.atApi = pending;
    this.changed();
  }

  private changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
