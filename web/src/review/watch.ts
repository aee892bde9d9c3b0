import type { Clip, Timeline } from '../api/types';
import { clipsOf, decidedClips } from '../outbox/outbox';
import { isPending } from '../shared/states';
import type { App } from '../shell/app';
import { clipAt } from '../timeline/model';
import type { Claims } from './claims';
import * as queues from './queue';

interface Host {
  readonly queue: queues.ReviewQueue;
  become(queue: queues.ReviewQueue): void;
  say(text: string, bad: boolean): void;
  fetch(clipId: string): Promise<Clip>;
  open(clipId: string): Promise<void>;
}

/** Sees what other reviewers do to the clips that are here. */
export class Watch {
  constructor(
    private readonly app: App,
    private readonly claims: Claims,
    private readonly host: Host,
  ) {}

  /** Keeps the claims; clips that others got meanwhile leave the queue. */
  async renew(): Promise<void> {
    const held = this.host.queue.waiting.map((clip) => clip.id);
    const lost = await this.claims.renew(held).catch(() => []);
    const unsaved = decidedClips(this.app.outbox.entries);
    const { waiting, shown } = this.host.queue;
    const gone = lost.filter((id) => !unsaved.has(id) && waiting.some((clip) => clip.id === id));
    if (gone.length === 0) return;
    const isShown = shown !== null && gone.includes(shown.id);
    this.host.become(queues.drop(this.host.queue, gone));
    const text = isShown
      ? 'Another reviewer has that clip now. This is the next one.'
      : 'Another reviewer has some of the next clips now.';
    this.host.say(text, isShown);
  }

  /** Compares the clip on screen with what the API says of its video. */
  compare(timeline: Timeline): void {
    const { shown } = this.host.queue;
    if (!shown || shown.video_id !== timeline.video || this.isOnItsWay(shown)) return;
    const now = clipAt(timeline.clips, shown.start_frame);
    if (!now || (now.id === shown.id && now.version === shown.version && now.state === shown.state)) return;
    void this.onChanged(shown, now.id);
  }

  private isOnItsWay(clip: Clip): boolean {
    // An undo whose clips are not known may be about any.
    return this.app.outbox.entries.some((entry) => clipsOf(entry).includes(clip.id) || clipsOf(entry).length === 0);
  }

  private async onChanged(before: Clip, now: string): Promise<void> {
    const clip = await this.host.fetch(before.id).catch(() => null);
    if (this.host.queue.shown !== before || this.isOnItsWay(before)) return;
    if (clip && clip.state !== 'archived') {
      this.host.become(queues.settle(this.host.queue, { clips: [clip], archived: [], show: 'stay' }, new Set()));
      if (isPending(clip) !== isPending(before)) this.host.say('Another reviewer has changed this clip.', false);
    } else {
      this.host.become(queues.drop(this.host.queue, [before.id]));
      await this.host.open(now);
      this.host.say('Another reviewer has cut that clip anew.', true);
    }
  }
}
