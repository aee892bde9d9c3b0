import { give, take } from './element-media';
import { frameAt, frameDuring, middleOf } from './frames';
import type { ClipMedia } from './media';

/** What is to be played: a clip's media, and which clip it is. */
export interface Playable {
  readonly clipId: string;
  readonly media: ClipMedia;
}

/** What the pair tells. */
export interface PairListener {
  /** A frame is on screen; `first` of its clip since that was shown. */
  frame(frame: number, first: boolean): void;
  /** Playing or paused, broken or not. */
  state(): void;
}

const NEAR_END_SECONDS = 0.005;

type Slot = 0 | 1;

/**
 * Two video elements: one is on screen while the other has the next clip decoded up to its first frame, so that
 * going on shows it at once.
 */
export class VideoPair {
  private shownSlot: Slot = 0;
  private readonly loaded: [string | undefined, string | undefined] = [undefined, undefined];
  /** The address of the hidden clip's media, once its first frame is drawn. */
  private drawn: string | undefined;
  private playable: Playable | undefined;
  /** The frame on screen, as the browser said. */
  frame = 0;
  /** Where the latest seek goes, until the browser shows it. */
  private target: number | null = null;
  /** What the element was last told to go to: behind `target` while a key is held. */
  private sought: number | null = null;
  /** Whether no frame of the clip has been on screen yet. */
  private fresh = true;
  private speed = 1;
  private sound = false;

  constructor(
    private readonly videos: readonly [HTMLVideoElement, HTMLVideoElement],
    private readonly listener: PairListener,
  ) {
    for (const video of videos) {
      const own = () => video === this.video;
      video.addEventListener('play', () => own() && this.listener.state());
      video.addEventListener('pause', () => own() && this.listener.state());
      video.addEventListener('error', () => own() && this.listener.state());
      video.addEventListener('seeked', () => own() && this.onSeeked());
      if (!('requestVideoFrameCallback' in video)) {
        const look = () => own() && this.lookAtClock();
        // The declarations don't know browsers without the callback.
        (video as HTMLVideoElement).addEventListener('timeupdate', look);
      }
    }
  }

  get video(): HTMLVideoElement {
    return this.videos[this.shownSlot];
  }

  get paused(): boolean {
    return this.video.paused;
  }

  get broken(): boolean {
    return this.playable !== undefined && this.video.error !== null;
  }

  get current(): Playable | undefined {
    return this.playable;
  }

  /** The frame on screen, or the one it is about to be. */
  get heading(): number {
    return this.target ?? this.frame;
  }

  /** Plays a clip, or with `at` stands on a frame of it. */
  show(playable: Playable, at?: number): void {
    if (this.playable?.media === playable.media) {
      if (at !== undefined) this.seek(at);
      return;
    }
    const slot: Slot = this.shownSlot === 0 ? 1 : 0;
    this.load(slot, playable);
    const before = this.video;
    this.shownSlot = slot;
    this.playable = playable;
    before.pause();
    before.classList.remove('is-shown');
    this.video.classList.add('is-shown');
    this.frame = 0;
    this.target = null;
    this.fresh = true;
    this.apply(this.video);
    if (at === undefined) this.play();
    else this.seek(at);
    this.follow(this.video, playable);
    if (at === undefined && this.drawn === playable.media.url) this.tellDrawn(playable);
    this.listener.state();
  }

  /** Has this one ready for `show`. */
  prepare(playable: Playable): void {
    this.load(this.shownSlot === 0 ? 1 : 0, playable);
  }

  /** The clip is still on its way: the one before must not be taken for it. */
  blank(): void {
    this.playable = undefined;
    this.video.pause();
    this.video.classList.remove('is-shown');
    this.empty(this.shownSlot);
    this.listener.state();
  }

  /** Lets go of all media. */
  close(): void {
    this.playable = undefined;
    this.empty(0);
    this.empty(1);
  }

  private empty(slot: Slot): void {
    this.loaded[slot] = undefined;
    take(this.videos[slot]);
  }

  play(): void {
    const { video } = this;
    this.target = null;
    if (this.playable && this.frame >= this.playable.media.frames - 1) this.toStart(video);
    video.play().catch((error: unknown) => this.onRefused(video, error));
  }

  pause(): void {
    this.video.pause();
  }

  /** Stops, and goes to a frame of the clip. */
  seek(frame: number): void {
    if (!this.playable) return;
    const { media } = this.playable;
    const to = Math.min(media.frames - 1, Math.max(0, frame));
    const moved = !this.video.paused;
    this.video.pause();
    // While it played, the next frame may be on screen already and not told yet.
    if (to === this.heading && !this.fresh && !this.video.seeking && !moved) return;
    const busy = this.target !== null && this.video.seeking;
    this.target = to;
    // A browser that is asked again before it has shown anything would show nothing while a key is held.
    if (!busy) this.go(to, media);
  }

  private go(to: number, media: ClipMedia): void {
    this.sought = to;
    this.video.currentTime = media.start + middleOf(media.times, to);
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    for (const video of this.videos) this.apply(video);
  }

  setSound(sound: boolean): void {
    this.sound = sound;
    for (const video of this.videos) this.apply(video);
  }

  private apply(video: HTMLVideoElement): void {
    video.defaultPlaybackRate = this.speed;
    video.playbackRate = this.speed;
    // Only the one on screen is heard.
    video.muted = !this.sound || video !== this.video;
  }

  private load(slot: Slot, { clipId, media }: Playable): void {
    if (this.loaded[slot] === media.url) return;
    this.loaded[slot] = media.url;
    const video = this.videos[slot];
    video.dataset['clip'] = clipId;
    // A clip out of a whole video is looped here; the element would go back to the video's start.
    video.loop = media.from !== 'video';
    give(video, media);
    this.watchDrawn(slot, media);
  }

  /** Notes when the first frame of a clip is drawn while it is hidden: the browser tells of each frame only once. */
  private watchDrawn(slot: Slot, media: ClipMedia): void {
    this.drawn = undefined;
    const video = this.videos[slot];
    if (!('requestVideoFrameCallback' in video)) return;
    video.requestVideoFrameCallback((_now, { mediaTime }) => {
      const time = mediaTime - media.start;
      const isFirst = time > -NEAR_END_SECONDS && frameAt(media.times, time) === 0;
      if (isFirst && slot !== this.shownSlot && this.loaded[slot] === media.url) this.drawn = media.url;
    });
  }

  /** Tells of the first frame, drawn before, once a picture with it on screen has been painted. */
  private tellDrawn(playable: Playable): void {
    const tell = () => this.playable === playable && this.fresh && this.tell(0);
    requestAnimationFrame(() => requestAnimationFrame(tell));
  }

  private toStart(video: HTMLVideoElement): void {
    if (this.playable) video.currentTime = this.playable.media.start + middleOf(this.playable.media.times, 0);
  }

  private onRefused(video: HTMLVideoElement, error: unknown): void {
    // Browsers forbid sound before the first press; overtaken by the next clip is no refusal.
    const forbidden = error instanceof DOMException && error.name === 'NotAllowedError';
    if (forbidden && video === this.video && !video.muted) {
      video.muted = true;
      video.play().catch(() => this.listener.state());
    }
    this.listener.state();
  }

  private onSeeked(): void {
    const { playable, video, target } = this;
    if (!playable || target === null) return;
    const { media } = playable;
    const reached = frameDuring(media.times, video.currentTime - media.start);
    if (reached !== target) this.go(target, media);
    // A video that stood there already draws nothing anew, and so tells of no frame.
    else if (this.fresh || !('requestVideoFrameCallback' in video)) this.lookAtClock();
  }

  /** Keeps the position up to date for as long as this clip is on screen. */
  private follow(video: HTMLVideoElement, playable: Playable): void {
    const { media } = playable;
    if (!('requestVideoFrameCallback' in video)) return;
    const onFrame = (_now: number, { mediaTime }: VideoFrameCallbackMetadata) => {
      if (this.playable !== playable || this.video !== video) return;
      const time = mediaTime - media.start;
      if (media.from === 'video' && !video.paused && this.isPast(media, time)) this.toStart(video);
      else this.tell(frameAt(media.times, time));
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  }

  private isPast({ times }: ClipMedia, time: number): boolean {
    return time < -NEAR_END_SECONDS || time > times.duration - NEAR_END_SECONDS;
  }

  private lookAtClock(): void {
    if (!this.playable) return;
    const { times, start } = this.playable.media;
    this.tell(frameDuring(times, this.video.currentTime - start));
  }

  private tell(frame: number): void {
    const { fresh, video } = this;
    this.frame = frame;
    this.fresh = false;
    // A seek that ended on another frame than asked for has ended all the same; one that is still to come has not.
    if (this.target === frame || (!video.seeking && this.target === this.sought)) this.target = null;
    this.listener.frame(frame, fresh);
  }
}
