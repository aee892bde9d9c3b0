import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Boundary, Scores, Timeline, TimelineClip } from '../api/types';
import { PageElement } from '../shared/element';
import { type StateKind, stateKind } from '../shared/states';
import './clip-timeline.css';
import { cutHandle, summaryOf } from './handles';
import { type Border, borderNear, clampBorder, clipAt } from './model';
import { type Colours, type Draft, HEIGHT, paint } from './paint';
import { type View, around, follow, frameOf, lengthOf, pan, wholeOf, xOf, zoom } from './scale';
import { Sheets, loadPeaks } from './sources';

/** A clip was clicked; `extend` asks to add it to the selection. */
export type ClipChosen = CustomEvent<{ readonly id: string; readonly extend: boolean }>;
/** A place inside the current clip was clicked: a frame of the video. */
export type TimelineSeek = CustomEvent<{ readonly frame: number }>;
/** How far a move of a cut is: on its way, by a key that may be pressed again, or let go. */
export type MovePhase = 'dragging' | 'stepped' | 'done';
/** A cut is being moved. */
export type CutMoved = CustomEvent<{ readonly border: Border; readonly to: number; readonly phase: MovePhase }>;

const REACH_MOUSE_PX = 6;
const REACH_FINGER_PX = 18;
const CLICK_PX = 5;
const ZOOM_STEP = 1.6;
/** The least that a clip's neighbourhood shows, in seconds. */
const LEAST_SECONDS = 20;

interface Drag {
  readonly pointer: number;
  readonly x: number;
  readonly view: View;
  readonly border: Border | undefined;
  moved: boolean;
}

/** What happens when in a video: pictures, sound, cuts, the clips' states and the detector's scores. */
@customElement('clip-timeline')
export class ClipTimeline extends PageElement {
  @property({ attribute: false }) timeline: Timeline | undefined;
  @property({ attribute: false }) scores: Scores | null = null;
  @property({ attribute: false }) current: { readonly id: string; readonly start: number; readonly end: number } | null = null;
  @property({ attribute: false }) selected: ReadonlySet<string> = new Set();
  @property({ attribute: false }) draft: Draft | null = null;
  @property({ attribute: false }) preview: readonly Boundary[] | null = null;
  /** The state to show for a clip, where the page knows better than the API's last answer. */
  @property({ attribute: false }) kindOf: (clip: TimelineClip) => StateKind = (clip) => stateKind(clip.state);
  @property({ type: Boolean }) readonly = false;
  @state() private view: View = wholeOf(1);
  private peaks: Uint8Array | null = null;
  private readonly sheets = new Sheets(() => this.draw());
  private drag: Drag | undefined;
  private width = 0;
  private scheduled = 0;
  private frame: number | null = null;
  private readonly resized = new ResizeObserver(() => this.measure());
  private readonly dark = matchMedia('(prefers-color-scheme: dark)');
  private readonly onScheme = () => this.draw();

  /** Puts the playhead to a frame of the video; null takes it away. */
  showFrame(frame: number | null): void {
    this.frame = frame;
    this.placePlayhead();
  }

  zoomBy(direction: 1 | -1): void {
    if (!this.timeline) return;
    const anchor = this.current ? (this.current.start + this.current.end) / 2 : (this.view.start + this.view.end) / 2;
    this.look(zoom(this.view, direction > 0 ? 1 / ZOOM_STEP : ZOOM_STEP, anchor, this.timeline.frames));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.dark.addEventListener('change', this.onScheme);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resized.disconnect();
    this.dark.removeEventListener('change', this.onScheme);
    cancelAnimationFrame(this.scheduled);
  }

  protected override firstUpdated(): void {
    const stage = this.stage;
    if (stage) {
      this.resized.observe(stage);
      stage.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
    }
  }

  private get stage(): HTMLElement | null {
    return this.querySelector('.timeline-stage');
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    const { timeline, current } = this;
    if (!timeline) return;
    const before = changed.get('timeline') as Timeline | undefined;
    if (changed.has('timeline') && before?.video !== timeline.video) {
      this.peaks = null;
      this.view = current && !this.readonly ? this.neighbourhood(timeline, current) : wholeOf(timeline.frames);
      if (timeline.waveform) void this.loadSound(timeline);
    } else if (changed.has('current') && current) {
      this.view = follow(this.view, current.start, current.end, timeline.frames);
    }
    if (timeline.storyboard) this.sheets.use(timeline.storyboard.urls);
  }

  private neighbourhood(timeline: Timeline, { start, end }: { start: number; end: number }): View {
    const perSecond = timeline.frames / Math.max(0.001, timeline.duration_seconds);
    return around(start, end, LEAST_SECONDS * perSecond, timeline.frames);
  }

  private async loadSound(timeline: Timeline): Promise<void> {
    const peaks = await loadPeaks(timeline);
    if (this.timeline?.video !== timeline.video) return;
    this.peaks = peaks;
    this.draw();
  }

  protected override updated(): void {
    this.measure();
    this.draw();
  }

  private measure(): void {
    const width = this.stage?.clientWidth ?? 0;
    if (width === this.width) return;
    this.width = width;
    this.draw();
  }

  private look(view: View): void {
    this.view = view;
  }

  private draw(): void {
    cancelAnimationFrame(this.scheduled);
    this.scheduled = requestAnimationFrame(() => this.drawNow());
  }

  private drawNow(): void {
    const canvas = this.querySelector('canvas');
    const context = canvas?.getContext('2d');
    if (!canvas || !context || !this.timeline || this.width === 0) return;
    const ratio = devicePixelRatio;
    canvas.width = Math.round(this.width * ratio);
    canvas.height = Math.round(HEIGHT * ratio);
    context.scale(ratio, ratio);
    const { timeline, view, width, scores, peaks, kindOf, current, selected, draft, preview } = this;
    const sheet = (index: number) => this.sheets.get(index);
    const colours = this.colours();
    paint(context, { timeline, view, width, scores, peaks, sheet, kindOf, current, selected, draft, preview, colours });
    this.placeHandles();
    this.placePlayhead();
  }

  private colours(): Colours {
    const style = getComputedStyle(this);
    const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
    return {
      pending: token('state-pending'),
      good: token('state-good'),
      skipped: token('state-skipped'),
      archived: token('state-archived'),
      bad: token('state-bad'),
      text: token('colour-text'),
      soft: token('colour-text-soft'),
      line: token('colour-line-strong'),
      raised: token('colour-raised'),
      accent: token('colour-accent'),
      wave: token('colour-wave'),
      score: token('colour-score'),
      focus: token('colour-focus'),
      font: token('font-figures'),
    };
  }

  /** Set on the elements, since the content security policy forbids styles in markup. */
  private place(element: HTMLElement | null, frame: number | null): void {
    if (!element) return;
    const x = frame === null ? -1 : xOf(this.view, frame, this.width);
    element.hidden = x < 0 || x > this.width;
    element.style.transform = `translateX(${x}px)`;
  }

  private placePlayhead(): void {
    this.place(this.querySelector('.timeline-playhead'), this.frame === null ? null : this.frame + 0.5);
  }

  private placeHandles(): void {
    for (const handle of this.querySelectorAll<HTMLElement>('.timeline-handle')) {
      this.place(handle, Number(handle.dataset['frame']));
    }
  }

  private xOfEvent(event: MouseEvent): number {
    return event.clientX - (this.stage?.getBoundingClientRect().left ?? 0);
  }

  private borderUnder(event: PointerEvent): Border | undefined {
    if (!this.timeline || this.readonly) return undefined;
    const reach = event.pointerType === 'mouse' ? REACH_MOUSE_PX : REACH_FINGER_PX;
    return borderNear(this.timeline.clips, this.view, this.width, this.xOfEvent(event), reach);
  }

  private onDown(event: PointerEvent): void {
    if (event.button !== 0 || !event.isPrimary) return;
    const x = this.xOfEvent(event);
    this.drag = { pointer: event.pointerId, x, view: this.view, border: this.borderUnder(event), moved: false };
    this.stage?.setPointerCapture(event.pointerId);
    // A dragged handle must not keep the focus: the arrow keys would then move it instead of the player.
    event.preventDefault();
  }

  private onMove(event: PointerEvent): void {
    const { drag, timeline } = this;
    if (!drag) {
      this.stage?.classList.toggle('is-on-cut', this.borderUnder(event) !== undefined);
      return;
    }
    if (drag.pointer !== event.pointerId || !timeline) return;
    const x = this.xOfEvent(event);
    if (!drag.moved && Math.abs(x - drag.x) < CLICK_PX) return;
    drag.moved = true;
    if (drag.border) this.moveCut(drag.border, frameOf(this.view, x, this.width), 'dragging');
    else this.look(pan(drag.view, frameOf(drag.view, drag.x, this.width) - frameOf(drag.view, x, this.width), timeline.frames));
  }

  private onUp(event: PointerEvent): void {
    const { drag } = this;
    if (drag?.pointer !== event.pointerId) return;
    this.drag = undefined;
    const frame = frameOf(this.view, this.xOfEvent(event), this.width);
    if (!drag.moved) this.onClick(Math.floor(frame), event.ctrlKey || event.metaKey || event.shiftKey);
    else if (drag.border) this.moveCut(drag.border, frame, 'done');
  }

  private onLost(): void {
    if (this.drag?.border && this.drag.moved) this.moveCut(this.drag.border, this.drag.border.frame, 'done');
    this.drag = undefined;
  }

  private onClick(frame: number, extend: boolean): void {
    const clip = this.timeline && clipAt(this.timeline.clips, frame);
    if (!clip) return;
    if (clip.id === this.current?.id && !extend) this.tell('timeline-seek', { frame });
    else this.tell('clip-chosen', { id: clip.id, extend });
  }

  private moveCut(border: Border, to: number, phase: MovePhase): void {
    this.tell('cut-moved', { border, to: clampBorder(border, to), phase });
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  private onWheel(event: WheelEvent): void {
    const { timeline } = this;
    if (!timeline) return;
    const across = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      const anchor = frameOf(this.view, this.xOfEvent(event), this.width);
      this.look(zoom(this.view, Math.exp(event.deltaY / 200), anchor, timeline.frames));
    } else if (across !== 0) {
      this.look(pan(this.view, (across / Math.max(1, this.width)) * lengthOf(this.view), timeline.frames));
    } else {
      return;
    }
    event.preventDefault();
  }

  private handle(timeline: Timeline, name: string, frame: number) {
    const move = (border: Border, to: number) => this.moveCut(border, to, 'stepped');
    return cutHandle({ timeline, name, frame, draft: this.draft, move });
  }

  protected override render() {
    const { timeline } = this;
    return html`
      <div class="timeline ${timeline ? '' : 'is-loading'}" role="group" aria-label="Timeline">
        <div
          class="timeline-stage"
          @pointerdown=${this.onDown}
          @pointermove=${this.onMove}
          @pointerup=${this.onUp}
          @pointercancel=${this.onLost}
        >
          <canvas role="img" aria-label=${timeline ? summaryOf(timeline, this.kindOf) : 'The timeline is loading.'}></canvas>
          <div class="timeline-playhead" hidden></div>
          ${timeline && this.current && !this.readonly
            ? html`${this.handle(timeline, 'Start cut', this.current.start)} ${this.handle(timeline, 'End cut', this.current.end)}`
            : nothing}
        </div>
        ${timeline ? this.zoomButtons(timeline) : nothing}
      </div>
    `;
  }

  private zoomButtons(timeline: Timeline) {
    const all = lengthOf(this.view) >= timeline.frames;
    return html`
      <div class="timeline-zoom">
        <button class="button button-small" type="button" @click=${() => this.zoomBy(1)} aria-label="Zoom in">+</button>
        <button class="button button-small" type="button" ?disabled=${all} @click=${() => this.zoomBy(-1)} aria-label="Zoom out">−</button>
        <button
          class="button button-small"
          type="button"
          aria-pressed=${all}
          @click=${() => this.look(all && this.current ? this.neighbourhood(timeline, this.current) : wholeOf(timeline.frames))}
        >
          All
        </button>
      </div>
    `;
  }
}
