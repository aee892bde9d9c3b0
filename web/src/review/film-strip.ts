import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Timeline, TimelineClip } from '../api/types';
import { PageElement } from '../shared/element';
import { duration, framesPerSecond, timecode } from '../shared/format';
import { stateMark } from '../shared/state-mark';
import { type StateKind, clipWording } from '../shared/states';
import { tileOfClip } from '../shared/storyboard';
import { tilePicture } from '../shared/tile';
import { strip } from '../timeline/model';
import type { ClipChosen } from '../timeline/clip-timeline';
import './film-strip.css';

const EACH_SIDE = 6;
/** A finger that rests this long chooses for grouping. */
const HOLD_MS = 450;

/** The clips around the one on screen, each with its picture and its state. */
@customElement('film-strip')
export class FilmStrip extends PageElement {
  @property({ attribute: false }) timeline: Timeline | undefined;
  @property({ attribute: false }) current: { readonly id: string; readonly start: number } | null = null;
  @property({ attribute: false }) selected: ReadonlySet<string> = new Set();
  @property({ attribute: false }) kindOf!: (clip: TimelineClip) => StateKind;

  private holding: ReturnType<typeof setTimeout> | undefined;
  /** Whether the finger that is down has chosen already. */
  private held = false;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.holding);
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (!changed.has('current') && !changed.has('timeline')) return;
    const list = this.querySelector('ul');
    const shown = this.querySelector<HTMLElement>('[aria-current]');
    if (!list || !shown) return;
    // Not scrollIntoView: that would scroll the page too.
    list.scrollLeft = shown.offsetLeft - (list.clientWidth - shown.offsetWidth) / 2;
  }

  private onDown(event: PointerEvent, clip: TimelineClip): void {
    this.onLost();
    this.held = false;
    if (event.pointerType === 'mouse') return;
    this.holding = setTimeout(() => {
      this.held = true;
      this.tell(clip, true);
    }, HOLD_MS);
  }

  private onLost(): void {
    clearTimeout(this.holding);
  }

  private choose(event: MouseEvent, clip: TimelineClip): void {
    if (!this.held) this.tell(clip, event.ctrlKey || event.metaKey || event.shiftKey);
    this.held = false;
  }

  private onMenu(event: PointerEvent): void {
    if (event.pointerType !== 'mouse') event.preventDefault();
  }

  private tell({ id }: TimelineClip, extend: boolean): void {
    const detail: ClipChosen['detail'] = { id, extend };
    this.dispatchEvent(new CustomEvent('clip-chosen', { detail }));
  }

  private picture({ storyboard }: Timeline, clip: TimelineClip) {
    const tile = storyboard && tileOfClip(storyboard, clip.start_frame, clip.end_frame);
    return html`<span class="strip-picture">${tile ? tilePicture(tile, 'slice') : nothing}</span>`;
  }

  protected override render() {
    const { timeline, current } = this;
    if (!timeline || !current) return html`<ul class="strip" aria-label="Neighbouring clips"></ul>`;
    return html`
      <ul class="strip" aria-label="Neighbouring clips">
        ${repeat(
          strip(timeline.clips, current.start, EACH_SIDE),
          (clip) => clip.id,
          (clip) => html`<li>${this.card(timeline, clip)}</li>`,
        )}
      </ul>
    `;
  }

  private card(timeline: Timeline, clip: TimelineClip) {
    const kind = this.kindOf(clip);
    const isCurrent = clip.id === this.current?.id;
    const seconds = (clip.end_frame - clip.start_frame) / framesPerSecond(timeline.fps);
    const from = timecode(clip.start_frame, timeline.fps);
    const words = kind === 'pending' ? 'to review' : clipWording(clip.state).words;
    return html`
      <button
        class="strip-clip is-${kind}"
        type="button"
        aria-current=${isCurrent ? 'true' : nothing}
        aria-pressed=${this.selected.has(clip.id) ? 'true' : nothing}
        aria-label=${`Clip at ${from}, ${duration(seconds)} long, ${words}${clip.group_id === null ? '' : ', grouped'}`}
        title=${`${words}. Ctrl or Shift and a click, or a long touch: choose for grouping.`}
        @pointerdown=${(event: PointerEvent) => this.onDown(event, clip)}
        @pointerup=${this.onLost}
        @pointerleave=${this.onLost}
        @pointercancel=${this.onLost}
        @contextmenu=${this.onMenu}
        @click=${(event: MouseEvent) => this.choose(event, clip)}
      >
        ${this.picture(timeline, clip)}
        <span class="strip-facts">${stateMark(kind)}<span class="figures">${duration(seconds)}</span></span>
      </button>
    `;
  }
}
