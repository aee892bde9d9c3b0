import type { Api } from '../api/client';
import { sentenceOf } from '../api/problem';
import type { Clip, TimelineClip } from '../api/types';
import { type ClipMedia, ClipMediaSource } from '../player/media';
import { Prefetcher } from '../player/prefetch';
import { neighbours } from '../timeline/model';
import { type ReviewQueue, upcoming } from './queue';

const AHEAD = 3;
const FETCHES_AT_ONCE = 2;

/** The media of the clip on screen and of those that may come next, ready before they are asked for. */
export class HeldMedia {
  private readonly source: ClipMediaSource;
  private readonly prefetcher: Prefetcher<ClipMedia>;
  private wanted: readonly string[] = [];
  private looked: string | null = null;

  constructor(
    api: Api,
    private readonly changed: () => void,
  ) {
    this.source = new ClipMediaSource(api);
    this.prefetcher = new Prefetcher(this.source, FETCHES_AT_ONCE, changed);
  }

  /** The clip on screen, those that come next, its neighbours in the video, and the one decided last: in this order. */
  want({ shown, done, ...queue }: ReviewQueue, clips: readonly TimelineClip[]): void {
    if (!shown) {
      this.hold([]);
      return;
    }
    const coming = upcoming({ shown, done, ...queue }, AHEAD);
    const { previous, next } = neighbours(clips, shown.start_frame, shown.end_frame);
    const last = done.at(-1)?.clips[0];
    const wanted = [shown, ...coming, next, previous, last].flatMap((clip) => clip?.id ?? []);
    this.hold(wanted);
  }

  /** Another clip that is looked at for a while; null for none. */
  lookAt(clip: string | null): void {
    if (clip === this.looked) return;
    this.looked = clip;
    this.hold(this.wanted);
  }

  private hold(wanted: readonly string[]): void {
    this.wanted = wanted;
    const looked = this.looked === null ? [] : [this.looked];
    this.prefetcher.want([...new Set([...wanted.slice(0, 1), ...looked, ...wanted.slice(1)])]);
  }

  of(clip: Pick<Clip, 'id'> | null | undefined): ClipMedia | undefined {
    return clip ? this.prefetcher.media(clip.id) : undefined;
  }

  /** Why a clip could not be loaded. */
  trouble(clip: Pick<Clip, 'id'>): string | null {
    const error = this.prefetcher.error(clip.id);
    return error === undefined ? null : sentenceOf(error);
  }

  retry(clip: Clip): void {
    this.prefetcher.retry(clip.id);
    this.changed();
  }

  /** The browser cannot play what it was given: it gets a file instead, if it has not had one. */
  broken(clipId: string): void {
    const media = this.prefetcher.media(clipId);
    if (media && this.source.distrust(media)) this.prefetcher.renew(clipId);
  }

  close(): void {
    this.looked = null;
    this.hold([]);
  }
}
