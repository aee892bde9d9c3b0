import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { bodyOf } from '../api/client';
import { sentenceOf } from '../api/problem';
import type { Video } from '../api/types';
import { PageElement } from '../shared/element';
import { counted } from '../shared/format';
import { keep } from '../shared/keep';
import { poll } from '../shared/poll';
import { clipsUnderWay, isUnderWay } from '../shared/states';
import type { App } from '../shell/app';
import './add-videos';
import { emptyDeleted, emptyLibrary, emptySearch } from './empty';
import './library-page.css';
import { loadVideos } from './load';
import { type Place, formatPlace, parsePlace } from './place';
import './video-card';

const BUSY_MS = 2_000;
const IDLE_MS = 10_000;
/** A video that was just handed in is looked for this often, and for so long. */
const EXPECTED_MS = 1_000;
const EXPECT_FOR_MS = 60_000;
/** A pause in typing. */
const TYPING_MS = 250;

/** Every video and where it stands, kept up to date. */
@customElement('library-page')
export class LibraryPage extends PageElement {
  @property({ attribute: false }) app!: App;
  @state() private place: Place = parsePlace(location.search);
  @state() private videos: readonly Video[] | undefined;
  @state() private more = false;
  @state() private loadingMore = false;
  @state() private trouble: string | null = null;
  /** The video that was deleted last, as long as the page offers to bring it back. */
  @state() private deleted: Video | null = null;
  private pages = 1;
  /** Counts the questions, so that a late answer to an earlier one is dropped. */
  private asked = 0;
  private expectedUntil = 0;
  private typing: ReturnType<typeof setTimeout> | undefined;
  private stopPolling: (() => void) | undefined;
  private readonly onPopState = () => this.go(parsePlace(location.search));

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('popstate', this.onPopState);
    this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.onPopState);
    this.stopPolling?.();
  }

  /** Asks at once, and from then on again and again. */
  private refresh(): void {
    this.stopPolling?.();
    this.stopPolling = poll(() => this.tick());
  }

  private onAdded(): void {
    this.expectedUntil = performance.now() + EXPECT_FOR_MS;
    this.refresh();
  }

  private async tick(): Promise<number> {
    this.asked += 1;
    const question = this.asked;
    try {
      const { videos, more } = await loadVideos(this.app.api, this.place, this.pages);
      if (question !== this.asked) return BUSY_MS;
      this.videos = keep(this.videos, videos);
      this.more = more;
      this.trouble = null;
    } catch (error) {
      if (question === this.asked) this.trouble = sentenceOf(error);
    }
    if (performance.now() < this.expectedUntil) return EXPECTED_MS;
    const busy = this.videos?.some((video) => isUnderWay(video.state) || clipsUnderWay(video.clips) > 0);
    return busy ? BUSY_MS : IDLE_MS;
  }

  private go(place: Place): void {
    if (place.view !== this.place.view) this.videos = undefined;
    this.place = place;
    this.pages = 1;
    this.refresh();
  }

  private show(event: MouseEvent, view: Place['view']): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const place: Place = { view, text: '' };
    history.pushState(null, '', location.pathname + formatPlace(place));
    this.go(place);
  }

  private onText(event: Event): void {
    const text = (event.target as HTMLInputElement).value.trim();
    clearTimeout(this.typing);
    this.typing = setTimeout(() => {
      if (text === this.place.text) return;
      const place = { ...this.place, text };
      history.replaceState(null, '', location.pathname + formatPlace(place));
      this.go(place);
    }, TYPING_MS);
  }

  private async showMore(): Promise<void> {
    this.pages += 1;
    this.loadingMore = true;
    await this.tick();
    this.loadingMore = false;
  }

  /** What a card was told by the API shows at once, and the list is asked for anew. */
  private onChanged(event: CustomEvent<Video>): void {
    const changed = event.detail;
    this.videos = this.videos?.map((video) => (video.id === changed.id ? keep(video, changed) : video));
    this.refresh();
  }

  private onGone(event: CustomEvent<{ video: Video; deleted: boolean }>): void {
    const { video, deleted } = event.detail;
    this.videos = this.videos?.filter(({ id }) => id !== video.id);
    this.deleted = deleted ? video : null;
    this.refresh();
  }

  private async bringBack(video: Video): Promise<void> {
    try {
      await bodyOf(this.app.api.POST('/v1/videos/{id}/restore', { params: { path: { id: video.id } } }));
      this.deleted = null;
      this.trouble = null;
    } catch (error) {
      this.trouble = sentenceOf(error);
    }
    this.refresh();
  }

  protected override render() {
    return html`
      <div class="page-heading">
        <div class="library-title">
          <h1>Library</h1>
          <p class="soft" role="status">${this.overview()}</p>
        </div>
        ${this.tools()}
      </div>
      <add-videos .app=${this.app} .videos=${this.videos ?? []} @added=${() => this.onAdded()}></add-videos>
      ${this.trouble === null ? nothing : this.troubleNotice(this.trouble)}
      ${this.deleted === null ? nothing : this.deletedNotice(this.deleted)} ${this.body()}
    `;
  }

  private tools() {
    const { view, text } = this.place;
    const link = (target: Place['view'], words: string) =>
      html`<a
        href="./index.html${formatPlace({ view: target, text: '' })}"
        aria-current=${target === view ? 'page' : nothing}
        @click=${(event: MouseEvent) => this.show(event, target)}
        >${words}</a
      >`;
    return html`
      <div class="library-tools">
        <search>
          <input
            class="field"
            type="search"
            aria-label="Search videos by name"
            placeholder="Search by name"
            .value=${text}
            @input=${this.onText}
          />
        </search>
        <nav class="segments" aria-label="Videos shown">
          ${link('videos', 'Videos')} ${link('deleted', 'Deleted')}
        </nav>
      </div>
    `;
  }

  private troubleNotice(sentence: string) {
    return html`<p class="notice notice-bad library-notice" role="alert">
      ${sentence}
      <button class="button button-small" type="button" @click=${() => this.refresh()}>Try again</button>
    </p>`;
  }

  private deletedNotice(video: Video) {
    return html`<p class="notice library-notice" role="status">
      <span>“${video.title}” was deleted. It can be restored for 30 days.</span>
      <span class="notice-actions">
        <button class="button button-small" type="button" @click=${() => this.bringBack(video)}>Undo</button>
        <button class="button button-small" type="button" @click=${() => (this.deleted = null)}>Dismiss</button>
      </span>
    </p>`;
  }

  private body() {
    const { videos, place } = this;
    if (!videos) return this.trouble === null ? html`<p class="empty" role="status">Loading your videos…</p>` : nothing;
    if (videos.length === 0) {
      if (place.text !== '') return emptySearch(place.text);
      return place.view === 'deleted' ? emptyDeleted() : emptyLibrary();
    }
    return html`
      <ul class="video-list" @video-changed=${this.onChanged} @video-gone=${this.onGone}>
        ${repeat(
          videos,
          (video) => video.id,
          (video) => html`<li><video-card .app=${this.app} .video=${video}></video-card></li>`,
        )}
      </ul>
      ${this.more
        ? html`<p class="video-list-more">
            <button class="button" type="button" ?disabled=${this.loadingMore} @click=${this.showMore}>
              ${this.loadingMore ? 'Loading…' : 'Show more videos'}
            </button>
          </p>`
        : nothing}
    `;
  }

  private overview(): string {
    const { videos, place } = this;
    if (!videos || videos.length === 0) return '';
    const shown = `${this.more ? 'First ' : ''}${counted(videos.length, place.view === 'deleted' ? 'deleted video' : 'video')}`;
    const underWay = videos.filter((video) => isUnderWay(video.state)).length;
    return underWay > 0 ? `${shown}, ${underWay} under way` : shown;
  }
}
