import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Rational } from '../api/types';
import { PageElement } from '../shared/element';
import { framesPerSecond, timecode } from '../shared/format';
import './clip-player.css';

/** What the player needs of a clip. */
export interface PlayerClip {
  readonly clipId: string;
  readonly url: string;
  readonly frames: number;
  readonly fps: Rational;
  /** The clip's first frame within its video. */
  readonly startFrame: number;
}

/** The first frame of a clip is on screen. */
export type ClipShown = CustomEvent<{ readonly clipId: string }>;

const FIRST = 0;
const SECOND = 1;
type Slot = typeof FIRST | typeof SECOND;

/** The time in the middle of a frame: a seek to its border may land on either side. */
function middleOf(frame: number, fps: Rational): number {
  return (frame + 0.5) / framesPerSecond(fps);
}

/**
 * Plays a clip muted in a loop. Two video elements: one is on screen while the other has the next clip decoded
 * up to its first frame, so that going on shows it at once.
 */
@customElement('clip-player')
export class ClipPlayer extends PageElement {
  @property({ attribute: false }) current: PlayerClip | undefined;
  @property({ attribute: false }) next: PlayerClip | undefined;
  @state() private frame = 0;
  @state() private paused = false;
  @state() private broken = false;
  private shown: Slot = FIRST;
  private readonly loaded: [string | undefined, string | undefined] = [undefined, undefined];

  toggle(): void {
    const video = this.video();
    if (video.paused) this.play(video);
    else video.pause();
  }

  /** Stops and goes this many frames on, or back. */
  step(frames: number): void {
    if (this.current) this.seek((this.frame + frames + this.current.frames) % this.current.frames);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const video of this.querySelectorAll('video')) video.pause();
  }

  private seek(frame: number): void {
    if (!this.current) return;
    const video = this.video();
    video.pause();
    this.frame = frame;
    video.currentTime = middleOf(frame, this.current.fps);
  }

  private video(slot: Slot = this.shown): HTMLVideoElement {
    const video = this.querySelectorAll('video').item(slot);
    return video;
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (!changed.has('current') && !changed.has('next')) return;
    if (this.current) this.show(this.current);
    else this.blank();
    if (this.next) this.load(this.hiddenSlot(), this.next);
  }

  private hiddenSlot(): Slot {
    return this.shown === FIRST ? SECOND : FIRST;
  }

  private show(clip: PlayerClip): void {
    if (this.loaded[this.shown] === clip.url) return;
    const before = this.video();
    const slot = this.hiddenSlot();
    this.load(slot, clip);
    this.shown = slot;
    before.pause();
    before.classList.remove('is-shown');
    const video = this.video();
    video.classList.add('is-shown');
    this.frame = 0;
    this.broken = video.error !== null;
    this.play(video);
    this.follow(video, clip);
  }

  /** The clip is still on its way: the one before must not be taken for it. */
  private blank(): void {
    const video = this.video();
    video.pause();
    video.classList.remove('is-shown');
    video.removeAttribute('src');
    this.loaded[this.shown] = undefined;
  }

  private load(slot: Slot, clip: PlayerClip): void {
    if (this.loaded[slot] === clip.url) return;
    this.loaded[slot] = clip.url;
    this.video(slot).src = clip.url;
  }

  private play(video: HTMLVideoElement): void {
    // Refused where the browser forbids autoplay, or overtaken by the next clip: the button shows which.
    video.play().catch(() => (this.paused = this.video().paused));
  }

  /** Keeps the position up to date for as long as this clip is on screen. */
  private follow(video: HTMLVideoElement, clip: PlayerClip): void {
    let first = true;
    const onFrame = (_now: number, { mediaTime }: VideoFrameCallbackMetadata) => {
      if (this.current?.clipId !== clip.clipId || this.video() !== video) return;
      if (first) this.dispatchEvent(new CustomEvent('clip-shown', { detail: { clipId: clip.clipId } }));
      first = false;
      // The allowance is for times that containers round down.
      const frame = Math.floor(mediaTime * framesPerSecond(clip.fps) + 0.1);
      this.frame = Math.min(clip.frames - 1, Math.max(0, frame));
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  }

  private onPlayState(event: Event): void {
    if (event.target === this.video()) this.paused = this.video().paused;
  }

  private onError(event: Event): void {
    if (event.target === this.video()) this.broken = true;
  }

  private onSlide(event: Event): void {
    this.seek((event.target as HTMLInputElement).valueAsNumber);
  }

  protected override render() {
    return html`
      <div class="player">
        <div class="player-stage" @click=${this.current ? () => this.toggle() : nothing}>
          ${this.videoElement()} ${this.videoElement()}
          ${this.broken ? html`<p class="player-broken" role="alert">This clip cannot be played here.</p>` : nothing}
        </div>
        ${this.controls()}
      </div>
    `;
  }

  private videoElement() {
    return html`<video
      tabindex="-1"
      loop
      playsinline
      preload="auto"
      .muted=${true}
      @play=${this.onPlayState}
      @pause=${this.onPlayState}
      @error=${this.onError}
    ></video>`;
  }

  private controls() {
    const { current, frame } = this;
    const at = current ? timecode(current.startFrame + frame, current.fps) : '';
    return html`
      <div class="player-controls">
        <button class="button button-small player-toggle" type="button" ?disabled=${!current} @click=${this.toggle}>
          ${this.paused ? 'Play' : 'Pause'} <kbd aria-hidden="true">Space</kbd>
        </button>
        <input
          type="range"
          min="0"
          max=${current ? current.frames - 1 : 0}
          step="1"
          .value=${String(frame)}
          ?disabled=${!current}
          aria-label="Position"
          aria-valuetext=${at}
          @input=${this.onSlide}
        />
        <span class="player-position figures small">
          ${current
            ? html`<span>${at}</span> <span class="soft">frame ${frame + 1} / ${current.frames}</span>`
            : nothing}
        </span>
      </div>
    `;
  }
}
