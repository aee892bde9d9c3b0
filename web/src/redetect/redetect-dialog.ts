import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { bodyOf } from '../api/client';
import { isAborted, sentenceOf } from '../api/problem';
import type { Boundaries, RedetectAnswer, Timeline, Video } from '../api/types';
import { PageElement } from '../shared/element';
import { count, counted } from '../shared/format';
import type { App } from '../shell/app';
import '../timeline/clip-timeline';
import { type Difference, differenceOf, marksOf } from './difference';
import './redetect-dialog.css';

/** A pause between two positions of the slider. */
const REST_MS = 120;
/** Marks beside each other on the strip. */
const PLACES = 240;

interface Settings {
  readonly sensitivity: number;
  readonly minLength: number;
}

/** Other settings of the detector, what they would change, and a button that does it. Tells `redetected`. */
@customElement('redetect-dialog')
export class RedetectDialog extends PageElement {
  @property({ attribute: false }) app!: App;
  @property({ attribute: false }) video!: Video;
  @state() private settings: Settings = { sensitivity: 0.5, minLength: 1 };
  @state() private timeline: Timeline | undefined;
  @state() private preview: Boundaries | undefined;
  @state() private applied: RedetectAnswer | null = null;
  @state() private undone = false;
  @state() private working = false;
  @state() private trouble: string | null = null;
  private asking = new AbortController();
  private rest: ReturnType<typeof setTimeout> | undefined;
  private stopListening: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    const { sensitivity, min_length_seconds: minLength } = this.video.scenes;
    this.settings = { sensitivity, minLength };
    void this.load();
    this.stopListening = this.app.outbox.onSettled((settled) => {
      if (!settled.sentHere || settled.entry.kind !== 'undo' || !this.applied) return;
      if (settled.kind === 'refused') this.trouble = settled.sentence;
      else this.undone = true;
      this.changed();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.rest);
    this.asking.abort();
    this.stopListening?.();
  }

  protected override firstUpdated(): void {
    this.querySelector('dialog')?.showModal();
  }

  private get at() {
    return { path: { id: this.video.id } };
  }

  private async load(): Promise<void> {
    // The library's account of the video may be older than what was detected or taken back last.
    await Promise.all([this.ask('as they are'), this.loadTimeline()]);
  }

  private async loadTimeline(): Promise<void> {
    try {
      this.timeline = await bodyOf(this.app.api.GET('/v1/videos/{id}/timeline', { params: this.at }));
    } catch (error) {
      this.trouble = sentenceOf(error);
    }
  }

  /** Shows what these settings would find, or those of the cuts as they are; only the latest question counts. */
  private async ask(which: 'these' | 'as they are' = 'these'): Promise<void> {
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const { sensitivity, minLength } = this.settings;
    const query = which === 'these' ? { sensitivity, min_length_seconds: minLength } : {};
    try {
      const preview = await bodyOf(
        this.app.api.GET('/v1/videos/{id}/boundaries', { params: { ...this.at, query }, signal }),
      );
      if (signal.aborted) return;
      this.preview = preview;
      this.trouble = null;
      if (which === 'these') return;
      this.settings = { sensitivity: preview.settings.sensitivity, minLength: preview.settings.min_length_seconds };
    } catch (error) {
      if (!isAborted(error) && !signal.aborted) this.trouble = sentenceOf(error);
    }
  }

  private change(part: Partial<Settings>): void {
    this.settings = { ...this.settings, ...part };
    clearTimeout(this.rest);
    this.rest = setTimeout(() => void this.ask(), REST_MS);
  }

  private async apply(): Promise<void> {
    this.working = true;
    const { sensitivity, minLength } = this.settings;
    const body = { request_id: crypto.randomUUID(), sensitivity, min_length_seconds: minLength };
    try {
      this.applied = await bodyOf(this.app.api.POST('/v1/videos/{id}/redetect', { params: this.at, body }));
      this.trouble = null;
      this.changed();
    } catch (error) {
      this.trouble = sentenceOf(error);
    }
    this.working = false;
  }

  private undo(): void {
    this.app.outbox.reverse('undo', [], 0);
  }

  private changed(): void {
    this.dispatchEvent(new Event('redetected', { bubbles: true }));
    void this.loadTimeline();
  }

  private close(): void {
    this.querySelector('dialog')?.close();
  }

  private get difference(): Difference | null {
    const { timeline, preview } = this;
    if (!timeline || !preview) return null;
    return differenceOf(timeline.cuts.map(({ frame }) => frame), preview.cuts_after);
  }

  protected override render() {
    const { applied } = this;
    return html`
      <dialog
        class="redetect"
        aria-labelledby="redetect-title"
        @close=${() => this.dispatchEvent(new Event('dialog-closed'))}
      >
        <h2 id="redetect-title">Detect scenes again</h2>
        <p class="soft small">${this.video.title}</p>
        ${applied ? this.result(applied) : this.controls()}
        <clip-timeline
          .timeline=${this.timeline}
          .preview=${applied ? null : (this.preview?.boundaries ?? null)}
          .readonly=${true}
        ></clip-timeline>
        ${this.trouble === null ? nothing : this.troubleNotice(this.trouble)}
        <div class="redetect-actions">
          ${applied
            ? html`${this.undone ? nothing : html`<button class="button" type="button" @click=${this.undo}>Undo</button>`}
                <button class="button button-primary" type="button" @click=${this.close}>Done</button>`
            : html`<button class="button" type="button" @click=${this.close}>Cancel</button>
                <button
                  class="button button-primary"
                  type="button"
                  ?disabled=${this.working || !this.changes}
                  @click=${this.apply}
                >
                  ${this.working ? 'Applying…' : 'Apply'}
                </button>`}
        </div>
      </dialog>
    `;
  }

  private troubleNotice(sentence: string) {
    return html`<p class="notice notice-bad" role="alert">
      ${sentence}
      ${this.applied || this.preview
        ? nothing
        : html`<button class="button button-small" type="button" @click=${() => this.load()}>Try again</button>`}
    </p>`;
  }

  private get changes(): boolean {
    const { difference } = this;
    return difference !== null && difference.added.length + difference.removed.length > 0;
  }

  private controls() {
    const { sensitivity, minLength } = this.settings;
    const number = (event: Event) => Number((event.target as HTMLInputElement).value);
    return html`
      <div class="redetect-settings">
        <label class="redetect-sensitivity" for="redetect-sensitivity">
          <span>Sensitivity <span class="redetect-value figures">${sensitivity.toFixed(2)}</span></span>
          <input
            id="redetect-sensitivity"
            type="range"
            min="0"
            max="1"
            step="0.01"
            .value=${String(sensitivity)}
            @input=${(event: Event) => this.change({ sensitivity: number(event) })}
          />
          <span class="redetect-ends soft small" aria-hidden="true"><span>Fewer cuts</span><span>More cuts</span></span>
        </label>
        <label>
          <span>Shortest scene, seconds</span>
          <input
            class="field"
            type="number"
            min="0"
            max="3600"
            step="0.1"
            .value=${String(minLength)}
            @input=${(event: Event) => this.change({ minLength: Math.min(3600, Math.max(0, number(event))) })}
          />
        </label>
      </div>
      <div class="redetect-outcome" role="status">${this.outcome()}</div>
    `;
  }

  private outcome() {
    const { preview, difference, timeline } = this;
    if (!preview || !difference || !timeline) {
      return this.trouble === null ? html`<p class="soft">Looking for the cuts…</p>` : nothing;
    }
    const kept = preview.clips_kept;
    return html`
      <p>
        <strong class="figures">${count(preview.clips_now)}</strong> clips now,
        <strong class="figures" data-after>${count(preview.clips_after)}</strong> after:
        <span class=${difference.added.length > 0 ? 'redetect-added' : ''}>${counted(difference.added.length, 'new cut')}</span>,
        <span class=${difference.removed.length > 0 ? 'redetect-removed' : ''}>${counted(difference.removed.length, 'cut')} gone</span>.
        ${kept === 0
          ? 'Nobody has worked on these clips yet.'
          : `${counted(kept, 'clip')} that somebody has worked on ${kept === 1 ? 'stays as it is' : 'stay as they are'}.`}
      </p>
      ${this.strip(difference, timeline)}
    `;
  }

  /** Where cuts come (above the line) and go (below it). */
  private strip({ added, removed }: Difference, { frames }: Timeline) {
    const bars = (list: readonly number[], y: number) =>
      marksOf(list, frames, PLACES).map((share) => `M${(share * 1000).toFixed(1)} ${y}v10`).join('');
    return html`<svg class="redetect-strip" viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true">
      <path class="redetect-line" d="M0 12h1000" />
      <path class="redetect-strip-added" d=${bars(added, 1)} />
      <path class="redetect-strip-removed" d=${bars(removed, 13)} />
    </svg>`;
  }

  private result({ created, kept }: RedetectAnswer) {
    return html`<div class="redetect-outcome is-final" role="status">
      <p>
        ${this.undone
          ? 'Taken back: the clips are as they were.'
          : `${counted(created, 'new clip')}, ${counted(kept, 'clip')} as before.`}
      </p>
    </div>`;
  }
}
