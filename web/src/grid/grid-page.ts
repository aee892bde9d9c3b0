import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { bodyOf } from '../api/client';
import { sentenceOf } from '../api/problem';
import type { Clip, Storyboard, Video } from '../api/types';
import type { Settled } from '../outbox/sender';
import '../redetect/redetect-dialog';
import { commandFor, pressOf } from '../review/keys';
import { KeyStore } from '../review/key-store';
import { PageElement } from '../shared/element';
import { count, counted } from '../shared/format';
import { keep } from '../shared/keep';
import { poll } from '../shared/poll';
import type { StateKind } from '../shared/states';
import '../shared/undo-toast';
import type { App } from '../shell/app';
import { BULK, type BulkCommand, bulkOf, hindrance, isBulk } from './bulk';
import './clip-grid';
import { loadClips, patched } from './clips';
import './grid-filters';
import './grid-page.css';
import { NOTHING, type Selection, none, present } from './selection';
import './selection-bar';
import { type Filters, NO_FILTERS, filtered, formatFilters, isFiltered, overlayOf, parseFilters, shownKind } from './shown';

const BUSY_MS = 3_000;
const IDLE_MS = 8_000;
const DONE_WORDS: Readonly<Record<BulkCommand, string>> = {
  approve: 'approved',
  skip: 'skipped',
  archive: 'archived',
  group: 'grouped',
  reopen: 'brought back',
};

/** All clips of a video, and decisions about many at once. */
@customElement('grid-page')
export class GridPage extends PageElement {
  @property({ attribute: false }) app!: App;
  @state() private video: Video | undefined;
  @state() private clips: readonly Clip[] | undefined;
  @state() private storyboard: Storyboard | null = null;
  @state() private filters: Filters = parseFilters(location.search);
  @state() private selection: Selection = NOTHING;
  @state() private trouble: string | null = null;
  @state() private done: { text: string; undoable: boolean } | null = null;
  @state() private redetecting = false;
  private readonly videoId = new URLSearchParams(location.search).get('video') ?? '';
  private readonly keys = new KeyStore(() => this.requestUpdate());
  private asked = 0;
  private readonly ends: (() => void)[] = [];
  private stopPolling: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.videoId === '') return;
    const onKey = (event: KeyboardEvent) => this.onKey(event);
    document.addEventListener('keydown', onKey);
    this.ends.push(
      () => this.keys.close(),
      () => document.removeEventListener('keydown', onKey),
      this.app.outbox.onChange(() => this.requestUpdate()),
      this.app.outbox.onSettled((settled) => this.onSettled(settled)),
    );
    this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.ends.splice(0)) end();
    this.stopPolling?.();
  }

  private refresh(): void {
    this.stopPolling?.();
    this.stopPolling = poll(() => this.tick());
  }

  private async tick(): Promise<number> {
    this.asked += 1;
    const question = this.asked;
    const waiting = this.app.outbox.entries.map(({ requestId }) => requestId).join();
    // An answer to an earlier question, or from before a decision, would show the past.
    const isLate = () =>
      question !== this.asked || waiting !== this.app.outbox.entries.map(({ requestId }) => requestId).join();
    try {
      const first = this.clips === undefined;
      const [video, clips] = await Promise.all([
        bodyOf(this.app.api.GET('/v1/videos/{id}', { params: { path: { id: this.videoId } } })),
        loadClips(this.app.api, this.videoId, this.filters.order, (part) => first && !isLate() && this.take(part)),
      ]);
      if (isLate()) return BUSY_MS;
      this.video = keep(this.video, video);
      this.take(clips);
      this.trouble = null;
      if (!this.storyboard && video.state === 'ready') await this.loadStoryboard();
    } catch (error) {
      if (question === this.asked) this.trouble = sentenceOf(error);
    }
    return this.clips?.some((clip) => shownKind(clip, new Map()) === 'good' && clip.state !== 'embedded') ? BUSY_MS : IDLE_MS;
  }

  private async loadStoryboard(): Promise<void> {
    const path = { id: this.videoId };
    this.storyboard = (await bodyOf(this.app.api.GET('/v1/videos/{id}/timeline', { params: { path } }))).storyboard;
  }

  /** Clips as they are now; what is chosen stays, as far as it is still there. */
  private take(clips: readonly Clip[]): void {
    const before = this.shown.map(({ id }) => id);
    this.clips = keep(this.clips, [...clips]);
    this.selection = present(this.selection, before, this.shown.map(({ id }) => id));
  }

  private get overlay(): ReadonlyMap<string, StateKind> {
    return overlayOf(this.app.outbox.entries);
  }

  private get shown(): readonly Clip[] {
    return filtered(this.clips ?? [], this.filters, this.overlay);
  }

  private get chosen(): readonly Clip[] {
    return this.shown.filter(({ id }) => this.selection.chosen.has(id));
  }

  private onSettled(settled: Settled): void {
    if (settled.kind === 'refused') {
      this.done = { text: settled.sentence, undoable: false };
    } else if (this.clips) {
      const { clips, archived } = settled.answer;
      this.take(patched(this.clips, clips, archived));
      if (settled.entry.kind !== 'action' && settled.sentHere) {
        const words = settled.entry.kind === 'undo' ? 'Taken back' : 'Done again';
        this.done = { text: `${words}: ${counted(clips.length, 'clip')}.`, undoable: false };
      }
    }
    this.refresh();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
    const command = commandFor(pressOf(event), this.keys.map);
    if (command === 'undo' || command === 'redo') this.reverse(command);
    else if (isBulk(command) && this.chosen.length > 0) this.decide(command);
    else return;
    event.preventDefault();
  }

  private decide(command: BulkCommand): void {
    const { chosen, overlay } = this;
    const kindOf = (clip: Clip) => shownKind(clip, overlay);
    const reason = hindrance(command, chosen, kindOf);
    if (reason !== null) {
      this.done = { text: reason, undoable: false };
      return;
    }
    const { action, change } = bulkOf(command, chosen, kindOf);
    const changed = 'clips' in action ? action.clips.length : 0;
    this.app.outbox.act(action, 0, change);
    const left = chosen.length > changed ? `, ${count(chosen.length - changed)} left as they were` : '';
    this.done = { text: `${counted(changed, 'clip')} ${DONE_WORDS[command]}${left}.`, undoable: true };
    this.selection = none(this.selection);
  }

  private reverse(kind: 'undo' | 'redo'): void {
    const { cancelled } = this.app.outbox.reverse(kind, [], 0);
    this.done = cancelled ? { text: 'Taken back before it was saved.', undoable: false } : null;
  }

  private filter(filters: Filters): void {
    const before = this.filters;
    const ids = this.shown.map(({ id }) => id);
    this.filters = filters;
    history.replaceState(null, '', location.pathname + formatFilters(this.videoId, this.filters));
    this.selection = present(this.selection, ids, this.shown.map(({ id }) => id));
    if (before.order !== this.filters.order) this.refresh();
  }

  private openClip(id: string): void {
    location.href = `./review.html?video=${this.videoId}&clip=${id}`;
  }

  private onRedetected(): void {
    this.selection = NOTHING;
    this.refresh();
  }

  protected override render() {
    if (this.videoId === '') return this.noVideo();
    return html`
      ${this.heading()}
      ${this.trouble === null
        ? nothing
        : html`<p class="notice notice-bad grid-trouble" role="alert">
            ${this.trouble}
            <button class="button button-small" type="button" @click=${() => this.refresh()}>Try again</button>
          </p>`}
      ${this.clips === undefined ? this.loading() : this.body(this.clips)}
      <undo-toast
        .text=${this.done?.text ?? null}
        .token=${this.done}
        .undoable=${this.done?.undoable ?? false}
        @undo-wanted=${() => this.reverse('undo')}
      ></undo-toast>
      ${this.redetecting && this.video
        ? html`<redetect-dialog
            .app=${this.app}
            .video=${this.video}
            @redetected=${() => this.onRedetected()}
            @dialog-closed=${() => (this.redetecting = false)}
          ></redetect-dialog>`
        : nothing}
    `;
  }

  private noVideo() {
    return html`<div class="empty">
      <h1>Which video?</h1>
      <p>Choose a video in the library to see all of its clips.</p>
      <a class="button button-primary" href="./index.html">Library</a>
    </div>`;
  }

  private noClips() {
    return html`<div class="empty">
      <h2>No clips yet</h2>
      <p>The clips appear here as soon as the scenes of the video are found.</p>
      <a class="button" href="./index.html">See how far it is</a>
    </div>`;
  }

  private loading() {
    return this.trouble === null ? html`<p class="empty" role="status">Loading the clips…</p>` : nothing;
  }

  private heading() {
    const { video } = this;
    const waiting = video?.clips['pending_review'] ?? 0;
    return html`
      <div class="page-heading">
        <div class="grid-title">
          <p class="small"><a href="./index.html">Library</a></p>
          <h1 title=${video?.title ?? nothing}>${video?.title ?? 'Clips'}</h1>
        </div>
        <div class="grid-heading-actions">
          <a class="button" href="./activity.html?video=${this.videoId}">Activity</a>
          ${video?.state === 'ready'
            ? html`<button class="button" type="button" @click=${() => (this.redetecting = true)}>Detect again</button>`
            : nothing}
          ${waiting > 0
            ? html`<a class="button button-primary" href="./review.html?video=${this.videoId}">Review ${count(waiting)}</a>`
            : nothing}
        </div>
      </div>
    `;
  }

  private body(clips: readonly Clip[]) {
    const { shown, overlay, filters } = this;
    if (clips.length === 0) return this.noClips();
    const tags = [...new Set(clips.flatMap((clip) => clip.tags))].sort();
    return html`
      <grid-filters .filters=${filters} .tags=${tags} @filters-changed=${({ detail }: CustomEvent<Filters>) => this.filter(detail)}></grid-filters>
      <p class="soft small grid-count" role="status">
        ${isFiltered(filters) ? `${count(shown.length)} of ${counted(clips.length, 'clip')}` : counted(clips.length, 'clip')}
      </p>
      ${shown.length === 0
        ? html`<div class="empty">
            <h2>No clip matches</h2>
            <p>Other filters show more.</p>
            <button class="button" type="button" @click=${() => this.filter({ ...NO_FILTERS, order: filters.order })}>
              Show all clips
            </button>
          </div>`
        : html`<clip-grid
            .app=${this.app}
            .clips=${shown}
            .overlay=${overlay}
            .storyboard=${this.storyboard}
            .selection=${this.selection}
            @selection-changed=${(event: CustomEvent<Selection>) => (this.selection = event.detail)}
            @open-clip=${(event: CustomEvent<string>) => this.openClip(event.detail)}
          ></clip-grid>`}
      <selection-bar
        .keys=${this.keys.map}
        .chosen=${this.chosen.length}
        .hindrances=${this.hindrances()}
        @bulk=${(event: CustomEvent<BulkCommand>) => this.decide(event.detail)}
        @open-clip=${() => this.openClip(this.chosen[0]?.id ?? '')}
        @choose-none=${() => (this.selection = none(this.selection))}
      ></selection-bar>
    `;
  }

  private hindrances(): Partial<Record<BulkCommand, string>> {
    const { chosen, overlay } = this;
    if (chosen.length === 0) return {};
    const found: Partial<Record<BulkCommand, string>> = {};
    for (const command of BULK) {
      const reason = hindrance(command, chosen, (clip) => shownKind(clip, overlay));
      if (reason !== null) found[command] = reason;
    }
    return found;
  }
}
