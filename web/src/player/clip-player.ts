import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { PageElement } from '../shared/element';
import { count, timecode } from '../shared/format';
import './clip-player.css';
import { type Gesture, gestureOf } from './gesture';
import { type PlayPreferences, loadPreferences, savePreferences } from './preferences';
import { type Playable, VideoPair } from './video-pair';

/** What the player needs of a clip. */
export interface PlayerClip extends Playable {
  /** The clip's first frame within its video. */
  readonly startFrame: number;
}

/** A frame of another clip, to look at for a while. */
export interface Peek {
  readonly clip: PlayerClip;
  /** Counted from that clip's start. */
  readonly frame: number;
}

/** A frame of a clip is on screen; `first` of that clip since it was shown. `frame` counts from the clip's start. */
export type FrameShown = CustomEvent<{ readonly clipId: string; readonly frame: number; readonly first: boolean }>;
/** The browser cannot play what it was given. */
export type ClipBroken = CustomEvent<{ readonly clipId: string }>;
/** A finger's stroke over the picture; a tap plays or pauses and is not told. */
export type ClipSwiped = CustomEvent<{ readonly gesture: Exclude<Gesture, 'tap' | null> }>;

/** Frames that the buttons beside the position go. */
const STEPS = { back: [-10, -1], on: [1, 10] } as const;
const STEP_NAMES = { [-10]: 'Ten frames back', [-1]: 'One frame back', 1: 'One frame on', 10: 'Ten frames on' } as const;
/** A step button held down goes on after the first of these, once in each of the second. */
const HOLD_MS = { before: 400, each: 80 } as const;

const SPEEDS = [0.5, 1, 2, 4] as const;

/** Decoding the clip after next must not delay the first frame of the next. */
const PREPARE_AFTER_MS = 120;

/** Plays a clip in a loop, says which frame is on screen, and goes to any. */
@customElement('clip-player')
export class ClipPlayer extends PageElement {
  @property({ attribute: false }) current: PlayerClip | undefined;
  @property({ attribute: false }) next: PlayerClip | undefined;
  /** Shown instead of the current clip, standing still; the player goes back to where it was afterwards. */
  @property({ attribute: false }) peek: Peek | null = null;
  /** What the picture waits for; said over it at once. */
  @property({ attribute: false }) waits: string | null = null;
  /** What a swipe to the right, left and up would do, for the hint under the finger. */
  @property({ attribute: false }) swipes: Readonly<Partial<Record<'right' | 'left' | 'up', string>>> = {};
  @state() private frame = 0;
  @state() private paused = false;
  @state() private broken = false;
  @state() private preferences: PlayPreferences = loadPreferences();
  @state() private hint: 'right' | 'left' | 'up' | null = null;
  private pair!: VideoPair;
  private preparing: ReturnType<typeof setTimeout> | undefined;
  private holding: ReturnType<typeof setTimeout> | undefined;
  /** Whether the step button under the pointer has acted already. */
  private pressed = false;
  /** Whether the list of speeds was opened by pointer. */
  private pointed = false;
  /** Where the current clip was when the peek began. */
  private stood: { media: PlayerClip['media']; frame: number } | null = null;
  private finger: { id: number; x: number; y: number; at: number } | undefined;

  /** The frame on screen, counted from the clip's start. */
  get frameOnScreen(): number {
    return this.pair.frame;
  }

  toggle(): void {
    if (this.pair.paused) this.pair.play();
    else this.pair.pause();
  }

  pause(): void {
    this.pair.pause();
  }

  /** Stops and goes this many frames on, or back; not beyond the clip. */
  step(frames: number): void {
    this.pair.seek(this.pair.heading + frames);
  }

  /** Stops, and goes to a frame counted from the clip's start. */
  seek(frame: number): void {
    this.pair.seek(frame);
  }

  setSpeed(speed: number): void {
    this.prefer({ ...this.preferences, speed });
  }

  toggleSound(): void {
    this.prefer({ ...this.preferences, sound: !this.preferences.sound });
  }

  get speed(): number {
    return this.preferences.speed;
  }

  get sound(): boolean {
    return this.preferences.sound;
  }

  private prefer(preferences: PlayPreferences): void {
    this.preferences = preferences;
    savePreferences(preferences);
    this.pair.setSpeed(preferences.speed);
    this.pair.setSound(preferences.sound);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // One that was moved has let go of what it played.
    if (this.hasUpdated) this.present();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.preparing);
    clearTimeout(this.holding);
    if (this.hasUpdated) this.pair.close();
  }

  protected override firstUpdated(): void {
    const [first, second] = this.querySelectorAll('video');
    if (!first || !second) throw new Error('The player has lost its video elements.');
    this.pair = new VideoPair([first, second], {
      frame: (frame, isFirst) => this.onFrame(frame, isFirst),
      state: () => this.onState(),
    });
    this.prefer(this.preferences);
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (!changed.has('current') && !changed.has('next') && !changed.has('peek')) return;
    this.present();
    clearTimeout(this.preparing);
    this.preparing = setTimeout(() => this.prepare(), PREPARE_AFTER_MS);
  }

  private present(): void {
    const { current, peek, stood, pair } = this;
    if (peek) {
      if (current && pair.current?.media === current.media) this.stood = { media: current.media, frame: pair.heading };
      pair.show(peek.clip, peek.frame);
      return;
    }
    this.stood = null;
    if (!current) pair.blank();
    else if (stood?.media === current.media) pair.show(current, stood.frame);
    else pair.show(current);
  }

  private prepare(): void {
    clearTimeout(this.preparing);
    if (this.peek) return;
    if (this.next && this.next.media !== this.current?.media) this.pair.prepare(this.next);
  }

  private onFrame(frame: number, first: boolean): void {
    this.frame = frame;
    const clipId = this.pair.current?.clipId;
    if (clipId === undefined) return;
    if (first) this.prepare();
    this.dispatchEvent(new CustomEvent('frame-shown', { detail: { clipId, frame, first } }));
  }

  private onState(): void {
    this.paused = this.pair.paused;
    const broken = this.pair.broken;
    const clipId = this.pair.current?.clipId;
    if (broken && !this.broken && clipId !== undefined) {
      this.dispatchEvent(new CustomEvent('clip-broken', { detail: { clipId } }));
    }
    this.broken = broken;
  }

  private onFinger(event: PointerEvent): void {
    if (event.pointerType === 'mouse' || !event.isPrimary) return;
    this.finger = { id: event.pointerId, x: event.clientX, y: event.clientY, at: event.timeStamp };
  }

  private stroke(event: PointerEvent): Gesture {
    if (this.finger?.id !== event.pointerId) return null;
    const { x, y, at } = this.finger;
    return gestureOf({ dx: event.clientX - x, dy: event.clientY - y, milliseconds: event.timeStamp - at });
  }

  private onFingerMove(event: PointerEvent): void {
    const gesture = this.stroke(event);
    this.hint = gesture === 'tap' ? null : gesture;
  }

  private onFingerUp(event: PointerEvent): void {
    const gesture = this.stroke(event);
    this.finger = undefined;
    this.hint = null;
    if (gesture === null || gesture === 'tap') return;
    this.dispatchEvent(new CustomEvent('clip-swiped', { detail: { gesture } }));
  }

  private onFingerLost(): void {
    this.finger = undefined;
    this.hint = null;
  }

  /** A button held down goes on by itself. */
  private onStepDown(event: PointerEvent, frames: number): void {
    if (event.button !== 0) return;
    this.pressed = true;
    this.step(frames);
    const goOn = () => {
      this.step(frames);
      this.holding = setTimeout(goOn, HOLD_MS.each);
    };
    this.holding = setTimeout(goOn, HOLD_MS.before);
  }

  private onStepUp(): void {
    clearTimeout(this.holding);
  }

  /** Keys, and whatever else presses a button without a pointer. */
  private onStep(frames: number): void {
    clearTimeout(this.holding);
    if (!this.pressed) this.step(frames);
    this.pressed = false;
  }

  private onSpeed(event: Event): void {
    const select = event.target as HTMLSelectElement;
    this.setSpeed(Number(select.value));
    // Chosen by pointer it must not keep the focus: the keys of the page would be its own.
    if (this.pointed) select.blur();
  }

  private onSlide(event: Event): void {
    this.pair.seek((event.target as HTMLInputElement).valueAsNumber);
  }

  protected override render() {
    const hint = this.hint === null ? undefined : this.swipes[this.hint];
    return html`
      <div class="player">
        <div
          class="player-stage"
          @click=${this.current ? () => this.toggle() : nothing}
          @pointerdown=${this.onFinger}
          @pointermove=${this.onFingerMove}
          @pointerup=${this.onFingerUp}
          @pointercancel=${this.onFingerLost}
        >
          ${this.videoElement()} ${this.videoElement()}
          ${this.broken ? html`<p class="player-broken" role="alert">This clip cannot be played here.</p>` : nothing}
          ${this.waits === null ? nothing : html`<p class="player-hint player-waits" role="status">${this.waits}</p>`}
          ${hint === undefined ? nothing : html`<p class="player-hint player-hint-${this.hint}">${hint}</p>`}
        </div>
        ${this.controls()}
      </div>
    `;
  }

  private videoElement() {
    return html`<video tabindex="-1" loop playsinline preload="auto" disablepictureinpicture .muted=${true}></video>`;
  }

  private controls() {
    const { frame } = this;
    const shown = this.peek?.clip ?? this.current;
    const at = shown ? timecode(shown.startFrame + frame, shown.media.fps) : '';
    const frames = shown?.media.frames ?? 1;
    return html`
      <div class="player-controls">
        <button class="button button-small player-toggle" type="button" ?disabled=${!shown} @click=${this.toggle}>
          ${this.paused ? 'Play' : 'Pause'}
        </button>
        <input
          type="range"
          min="0"
          max=${frames - 1}
          step="1"
          .value=${String(frame)}
          ?disabled=${!shown}
          aria-label="Position"
          aria-valuetext=${at}
          @input=${this.onSlide}
          @pointerup=${letGo}
        />
        <div class="player-steps" role="group" aria-label="Frame by frame">
          ${STEPS.back.map((frames) => this.stepButton(frames))}
          <p
            class="player-position figures small"
            data-clip=${shown?.clipId ?? nothing}
            data-frame=${shown ? shown.startFrame + frame : nothing}
          >
            ${shown ? html`<span>${at}</span> <span class="soft">${this.place(shown, frame)}</span>` : nothing}
          </p>
          ${STEPS.on.map((frames) => this.stepButton(frames))}
        </div>
        ${this.settings()}
      </div>
    `;
  }

  private place({ startFrame, media }: PlayerClip, frame: number): string {
    if (!this.peek || !this.current) return `frame ${count(frame + 1)} / ${count(media.frames)}`;
    return startFrame < this.current.startFrame ? 'in the clip before' : 'in the clip after';
  }

  private stepButton(frames: keyof typeof STEP_NAMES) {
    return html`<button
      class="button button-small"
      type="button"
      ?disabled=${!this.current}
      title=${`${STEP_NAMES[frames]}; hold to go on`}
      @pointerdown=${(event: PointerEvent) => this.onStepDown(event, frames)}
      @pointerup=${this.onStepUp}
      @pointerleave=${this.onStepUp}
      @pointercancel=${this.onStepUp}
      @contextmenu=${(event: Event) => event.preventDefault()}
      @click=${() => this.onStep(frames)}
    >
      <span>
        ${frames < 0 ? '−' : '+'}${Math.abs(frames)}<span class="visually-hidden"> ${Math.abs(frames) === 1 ? 'frame' : 'frames'}</span>
      </span>
    </button>`;
  }

  private settings() {
    const { speed, sound } = this.preferences;
    return html`
      <div class="player-settings">
        <label>
          <span class="visually-hidden">Speed</span>
          <select
            class="player-speed"
            @pointerdown=${() => (this.pointed = true)}
            @keydown=${() => (this.pointed = false)}
            @change=${this.onSpeed}
          >
            ${SPEEDS.map((one) => html`<option value=${one} ?selected=${one === speed}>${one}×</option>`)}
          </select>
        </label>
        <button class="button button-small" type="button" aria-pressed=${sound} @click=${this.toggleSound}>
          Sound ${sound ? 'on' : 'off'}
        </button>
      </div>
    `;
  }
}

/** What was moved by pointer must not keep the focus: the arrow keys are the page's. */
function letGo(event: Event): void {
  (event.target as HTMLElement).blur();
}
