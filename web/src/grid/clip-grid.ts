import { type PropertyValues, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Clip, Storyboard } from '../api/types';
import { type ClipMedia, ClipMediaSource } from '../player/media';
import { Prefetcher } from '../player/prefetch';
import { PageElement } from '../shared/element';
import type { StateKind } from '../shared/states';
import { tileOfClip } from '../shared/storyboard';
import type { App } from '../shell/app';
import './clip-cell';
import './clip-grid.css';
import { type Selection, all, at, extended, isStepKey, none, only, stepped, toggled } from './selection';
import { shownKind } from './shown';

/** A pointer on its way across plays nothing. */
const REST_MS = 150;
/** Cells drawn at first, and added when the end comes into sight. */
const BATCH = 120;

/**
 * Clips as a list of options of which several can be chosen: by click, Ctrl and Shift, by touch, by keyboard.
 * Plays the one under the pointer or the focus. Tells `selection-changed` and `open-clip`.
 */
@customElement('clip-grid')
export class ClipGrid extends PageElement {
  @property({ attribute: false }) app!: App;
  @property({ attribute: false }) clips: readonly Clip[] = [];
  @property({ attribute: false }) overlay: ReadonlyMap<string, StateKind> = new Map();
  @property({ attribute: false }) storyboard: Storyboard | null = null;
  @property({ attribute: false }) selection!: Selection;
  /** The clip that plays. */
  @state() private playing: string | null = null;
  @state() private drawn = BATCH;
  private media!: Prefetcher<ClipMedia>;
  private rest: ReturnType<typeof setTimeout> | undefined;
  /** The clip that pointer or focus came to last. */
  private rested: string | null = null;
  private focusWanted = false;
  private readonly atEnd = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) this.drawn += BATCH;
  }, { rootMargin: '800px' });

  override connectedCallback(): void {
    super.connectedCallback();
    this.media = new Prefetcher(new ClipMediaSource(this.app.api), 2, () => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.rest);
    this.media.want([]);
    this.atEnd.disconnect();
  }

  protected override firstUpdated(): void {
    const end = this.querySelector('.clip-grid-end');
    if (end) this.atEnd.observe(end);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!this.focusWanted || !changed.has('selection')) return;
    this.focusWanted = false;
    const current = this.querySelector<HTMLElement>('[role="option"][tabindex="0"]');
    current?.focus({ preventScroll: true });
    current?.scrollIntoView({ block: 'nearest' });
  }

  private choose(selection: Selection): void {
    this.dispatchEvent(new CustomEvent<Selection>('selection-changed', { detail: selection }));
  }

  private open(id: string): void {
    this.dispatchEvent(new CustomEvent<string>('open-clip', { detail: id }));
  }

  private get order(): readonly string[] {
    return this.clips.map(({ id }) => id);
  }

  private play(id: string | null): void {
    clearTimeout(this.rest);
    this.rested = id;
    if (id === null) {
      this.playing = null;
      this.media.want([]);
      return;
    }
    this.rest = setTimeout(() => {
      this.playing = id;
      this.media.want([id]);
    }, REST_MS);
  }

  /** What another has begun to play meanwhile goes on. */
  private leave(id: string): void {
    if (this.rested === id) this.play(null);
  }

  private onClick(event: PointerEvent, id: string): void {
    if (event.shiftKey) this.choose(extended(this.selection, this.order, id));
    else if (event.ctrlKey || event.metaKey || event.pointerType === 'touch') this.choose(toggled(this.selection, id));
    else this.choose(only(id));
  }

  /** How many cells stand beside each other. */
  private get columns(): number {
    const list = this.querySelector('ul');
    return list ? getComputedStyle(list).gridTemplateColumns.split(' ').length : 1;
  }

  private onKey(event: KeyboardEvent): void {
    const { selection, order } = this;
    const { current } = selection;
    if (isStepKey(event.key) && !event.altKey && !event.metaKey) {
      const to = stepped(order, current, event.key, this.columns);
      if (to === null) return;
      this.drawn = Math.max(this.drawn, order.indexOf(to) + BATCH);
      this.focusWanted = true;
      this.choose(event.shiftKey ? extended(selection, order, to) : at(selection, to));
    } else if (event.key === ' ' && current !== null) {
      this.choose(event.shiftKey ? extended(selection, order, current) : toggled(selection, current));
    } else if (event.key === 'Enter' && current !== null) {
      this.open(current);
    } else if (event.key === 'Escape' && selection.chosen.size > 0) {
      this.choose(none(selection));
    } else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) {
      this.choose(all(selection, order));
    } else {
      return;
    }
    event.preventDefault();
  }

  protected override render() {
    const first = this.selection.current ?? this.clips[0]?.id;
    return html`
      <ul class="clip-grid" role="listbox" aria-multiselectable="true" aria-label="Clips" @keydown=${this.onKey}>
        ${repeat(
          this.clips.slice(0, this.drawn),
          ({ id }) => id,
          (clip) => this.cell(clip, clip.id === first),
        )}
      </ul>
      <div class="clip-grid-end" ?hidden=${this.drawn >= this.clips.length}></div>
    `;
  }

  private cell(clip: Clip, isCurrent: boolean) {
    const { id } = clip;
    const kind = shownKind(clip, this.overlay);
    const chosen = this.selection.chosen.has(id);
    const media = this.playing === id ? (this.media.media(id) ?? null) : null;
    return html`<li
      role="option"
      class="clip-option clip-option-${kind}"
      tabindex=${isCurrent ? 0 : -1}
      aria-selected=${chosen}
      data-clip=${id}
      data-kind=${kind}
      @click=${(event: PointerEvent) => this.onClick(event, id)}
      @dblclick=${() => this.open(id)}
      @pointerenter=${() => this.play(id)}
      @pointerleave=${() => this.leave(id)}
      @focus=${() => this.play(id)}
      @blur=${() => this.leave(id)}
    >
      <clip-cell
        .clip=${clip}
        .kind=${kind}
        .tile=${this.storyboard ? tileOfClip(this.storyboard, clip.start_frame, clip.end_frame) : null}
        .media=${media}
      ></clip-cell>
    </li>`;
  }
}
