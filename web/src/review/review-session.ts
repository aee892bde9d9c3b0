import { bodyOf } from '../api/client';
import { sentenceOf } from '../api/problem';
import type { Clip, ReviewAction } from '../api/types';
import { isPending } from '../shared/states';
import type { App } from '../shell/app';
import { PendingCount } from '../shell/pending';
import { type ClipMedia, clipMediaSource } from '../player/media';
import { type OutboxEntry, decidedClips, planUndo, push } from '../outbox/outbox';
import type { Settled } from '../outbox/sender';
import { Prefetcher } from '../player/prefetch';
import * as queues from './queue';

const PAGE_SIZE = 24;
const MEDIA_AHEAD = 3;
const MEDIA_BEHIND = 2;
const FETCHES_AT_ONCE = 2;

/** The largest number of milliseconds that the API takes. */
const LONGEST_LOOK_MS = 2 ** 31 - 1;

const DONE: Record<ReviewAction, string> = { approve: 'Approved', skip: 'Skipped', archive: 'Archived' };

export interface Message {
  readonly text: string;
  readonly bad: boolean;
}

/** One person's way through the clips: the queue, the decisions on their way, and the media held ready. */
export class ReviewSession {
  queue = queues.EMPTY_QUEUE;
  /** What happened last. */
  message: Message | null = null;
  /** Why the queue could not be loaded. */
  trouble: string | null = null;
  /** An undo whose clip only the API knows is on its way. */
  awaitingUndo = false;
  private readonly media: Prefetcher<ClipMedia>;
  private loading: Promise<void> | undefined;
  private shownAt: number | null = null;
  private readonly stops: (() => void)[];
  /** How many clips are left in this queue. */
  readonly pending: PendingCount;
  /** What this page asked for. */
  private readonly asked = new Set<string>();

  constructor(
    private readonly app: App,
    private readonly video: string | null,
    private readonly changed: () => void,
  ) {
    this.media = new Prefetcher(clipMediaSource(app.api), FETCHES_AT_ONCE, changed);
    this.pending = video === null ? app.pending : new PendingCount(app.api, app.outbox, video);
    this.stops = [
      app.outbox.onChange(changed),
      app.outbox.onSettled((settled) => this.onSettled(settled)),
      this.pending.onChange(changed),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.media.want([]);
  }

  get current(): Clip | undefined {
    return queues.currentClip(this.queue);
  }

  mediaOf(clip: Clip | undefined): ClipMedia | undefined {
    return clip && this.media.media(clip.id);
  }

  mediaTrouble(clip: Clip): string | null {
    const error = this.media.error(clip.id);
    return error === undefined ? null : sentenceOf(error);
  }

  retryMedia(clip: Clip): void {
    this.media.retry(clip.id);
    this.changed();
  }

  /** Shows this clip first, whatever its state, and then the queue. */
  async open(clipId: string): Promise<void> {
    try {
      const clip = await bodyOf(this.app.api.GET('/v1/clips/{id}', { params: { path: { id: clipId } } }));
      this.become(queues.bringToFront(this.queue, clip));
    } catch (error) {
      this.say(sentenceOf(error), true);
    }
    await this.reload();
  }

  /** The queue from its beginning, as the API has it now; the clip on screen stays if it still waits. */
  async reload(): Promise<void> {
    await this.exclusively(async () => {
      const unsavedBefore = decidedClips(this.app.outbox.entries);
      const page = await this.page(null);
      const unsaved = new Set([...unsavedBefore, ...decidedClips(this.app.outbox.entries)]);
      const shown = this.current;
      const queue = queues.replaceWith(this.queue, page.items, page.next_cursor, unsaved);
      const kept = shown && (queue.waiting.find((clip) => clip.id === shown.id) ?? (isPending(shown) ? null : shown));
      this.become(kept ? queues.bringToFront(queue, kept) : queue);
    });
  }

  decide(action: ReviewAction): void {
    const clip = this.current;
    if (!clip || !isPending(clip)) return;
    const looked = this.shownAt === null ? 0 : Math.round(performance.now() - this.shownAt);
    const entry: OutboxEntry = {
      kind: 'decision',
      requestId: this.newRequest(),
      clipId: clip.id,
      action,
      version: clip.version,
      tookMs: Math.min(looked, LONGEST_LOOK_MS),
      tried: false,
    };
    performance.mark('heaters:decided');
    this.say(`${DONE[action]}.`, false);
    this.become(queues.advance(this.queue));
    this.app.outbox.update((outbox) => push(outbox, entry));
  }

  /** Takes back the latest decision and shows its clip; at once where this page still knows it. */
  undo(): void {
    if (this.awaitingUndo) return;
    const last = this.queue.decided.at(-1);
    const plan = planUndo(this.app.outbox.entries, this.newRequest(), last?.id ?? null);
    this.app.outbox.update(() => plan.outbox);
    const clipId = plan.cancelled?.clipId ?? last?.id;
    if (clipId !== undefined && clipId === last?.id) {
      this.become(queues.takeBack(this.queue));
      this.say('Undone.', false);
    } else if (clipId !== undefined) {
      this.say('Undone.', false);
      void this.open(clipId);
    } else {
      this.awaitingUndo = true;
      this.say('Undoing…', false);
    }
  }

  /** Goes on from a clip that was only looked at. */
  goOn(): void {
    if (this.current) this.become(queues.leave(this.queue, this.current.id));
  }

  /** The first frame of the clip on screen was painted. */
  shown(clipId: string): void {
    if (this.current?.id !== clipId || this.shownAt !== null) return;
    this.shownAt = performance.now();
    if (performance.getEntriesByName('heaters:decided').length === 0) return;
    performance.measure('heaters:decision-to-next-frame', 'heaters:decided');
    performance.clearMarks('heaters:decided');
  }

  private async loadMore(): Promise<void> {
    await this.exclusively(async () => {
      const page = await this.page(this.queue.cursor);
      const unsaved = decidedClips(this.app.outbox.entries);
      const fresh = page.items.filter((clip) => !unsaved.has(clip.id));
      this.become(queues.addPage(this.queue, fresh, page.next_cursor));
    });
  }

  private page(cursor: string | null) {
    const query = {
      state: 'pending_review' as const,
      limit: PAGE_SIZE,
      ...(this.video === null ? {} : { video: this.video }),
      ...(cursor === null ? {} : { cursor }),
    };
    return bodyOf(this.app.api.GET('/v1/clips', { params: { query } }));
  }

  /** One load of the queue at a time. */
  private async exclusively(load: () => Promise<void>): Promise<void> {
    while (this.loading) await this.loading;
    this.loading = load()
      .then(
        () => (this.trouble = null),
        (error: unknown) => (this.trouble = sentenceOf(error)),
      )
      .then(() => {
        this.loading = undefined;
        this.changed();
      });
    await this.loading;
  }

  private become(queue: queues.ReviewQueue): void {
    if (queues.currentClip(queue)?.id !== this.current?.id) this.shownAt = null;
    this.queue = queue;
    this.media.want(queues.mediaWanted(queue, MEDIA_AHEAD, MEDIA_BEHIND));
    if (queues.needsMore(queue) && !this.loading) void this.loadMore();
    this.changed();
  }

  private say(text: string, bad: boolean): void {
    this.message = { text, bad };
    this.changed();
  }

  private newRequest(): string {
    const requestId = crypto.randomUUID();
    this.asked.add(requestId);
    return requestId;
  }

  private onSettled(settled: Settled): void {
    // What another tab asked for and sent is that tab's to tell; what an earlier visit left is told here.
    if (!this.asked.delete(settled.entry.requestId) && !settled.sentHere) return;
    if (settled.kind === 'refused') {
      this.onRefused(settled.entry, settled.sentence);
    } else if (settled.entry.kind === 'undo') {
      this.onUndone(settled.entry.clipId, settled.clip);
    }
  }

  private onRefused(entry: OutboxEntry, sentence: string): void {
    if (entry.kind === 'undo') this.awaitingUndo = false;
    this.say(entry.kind === 'undo' ? `Not undone: ${sentence}` : `Not saved: ${sentence}`, true);
    // Where nothing was there to undo, the queue is as it was.
    if (entry.clipId !== null) void this.reload();
  }

  private onUndone(expected: string | null, clip: Clip): void {
    const decidedAnew = decidedClips(this.app.outbox.entries).has(clip.id);
    const waits = this.queue.waiting.some((waiting) => waiting.id === clip.id);
    if (expected !== null && expected !== clip.id) {
      // Another page of the same person decided later; the API undid that.
      this.become(queues.bringToFront(queues.leave(this.queue, expected), clip));
    } else if (waits) {
      this.become(queues.refresh(this.queue, clip));
    } else if (!decidedAnew) {
      this.become(queues.bringToFront(this.queue, clip));
    }
    if (this.awaitingUndo) this.say('Undone.', false);
    this.awaitingUndo = false;
  }
}
