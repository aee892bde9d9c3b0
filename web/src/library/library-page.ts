import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { bodyOf } from '../api/client';
import { sentenceOf } from '../api/problem';
import type { Video } from '../api/types';
import { PageElement } from '../shared/element';
import { poll } from '../shared/poll';
import { clipsUnderWay, isUnderWay } from '../shared/states';
import type { App } from '../shell/app';
import './library-page.css';
import './url-form';
import './video-card';

const PAGE_SIZE = 24;
const BUSY_MS = 2_000;
const IDLE_MS = 10_000;

/** Every video and where it stands, kept up to date. */
@customElement('library-page')
export class LibraryPage extends PageElement {
  @property({ attribute: false }) app!: App;
  @state() private videos: readonly Video[] | undefined;
  @state() private more = false;
  @state() private loadingMore = false;
  @state() private trouble: string | null = null;
  private pages = 1;
  private stopPolling: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.stopPolling = poll(() => this.tick());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopPolling?.();
  }

  private async tick(): Promise<number> {
    try {
      await this.load();
      this.trouble = null;
    } catch (error) {
      this.trouble = sentenceOf(error);
    }
    const busy = this.videos?.some((video) => isUnderWay(video.state) || clipsUnderWay(video.clips) > 0);
    return busy ? BUSY_MS : IDLE_MS;
  }

  /** All pages shown so far, as they are now. */
  private async load(): Promise<void> {
    const videos: Video[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < this.pages; page += 1) {
      const query: { limit: number; cursor?: string } = { limit: PAGE_SIZE, ...(cursor === null ? {} : { cursor }) };
      const answer: { items: readonly Video[]; next_cursor: string | null } = await bodyOf(
        this.app.api.GET('/v1/videos', { params: { query } }),
      );
      videos.push(...answer.items);
      cursor = answer.next_cursor;
      if (cursor === null) break;
    }
    // An upload between two pages shifts the second: the same video may come twice.
    this.videos = [...new Map(videos.map((video) => [video.id, video])).values()];
    this.more = cursor !== null;
  }

  private async showMore(): Promise<void> {
    this.pages += 1;
    this.loadingMore = true;
    await this.tick();
    this.loadingMore = false;
  }

  private onSubmitted(): void {
    this.stopPolling?.();
    this.stopPolling = poll(() => this.tick());
  }

  private onVideoChanged(event: CustomEvent<Video>): void {
    this.videos = this.videos?.map((video) => (video.id === event.detail.id ? event.detail : video));
    this.stopPolling?.();
    this.stopPolling = poll(() => this.tick());
  }

  protected override render() {
    return html`
      ${this.trouble === null ? nothing : this.troubleNotice(this.trouble)} ${this.body()}
      ${this.videos ? html`<url-form .app=${this.app} @urls-submitted=${this.onSubmitted}></url-form>` : nothing}
    `;
  }

  private troubleNotice(sentence: string) {
    return html`<p class="notice notice-bad library-trouble" role="alert">${sentence}</p>`;
  }

  private body() {
    if (!this.videos) {
      return this.trouble === null ? html`<p class="empty" role="status">Loading your videos…</p>` : nothing;
    }
    if (this.videos.length === 0) return this.emptyState();
    return html`
      <div class="page-heading">
        <h1>Library</h1>
        <p class="soft">${this.overview(this.videos)}</p>
      </div>
      <ul class="video-list" @video-changed=${this.onVideoChanged}>
        ${repeat(
          this.videos,
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

  private overview(videos: readonly Video[]): string {
    const underWay = videos.filter((video) => isUnderWay(video.state)).length;
    const shown = this.more ? `First ${videos.length} videos` : videos.length === 1 ? '1 video' : `${videos.length} videos`;
    return underWay > 0 ? `${shown}, ${underWay} under way` : shown;
  }

  private emptyState() {
    return html`
      <div class="empty">
        <h1>No videos yet</h1>
        <p>Put a video into the uploads bucket, and it appears here within seconds:</p>
        <code>aws s3 cp film.mp4 s3://&lt;uploads bucket&gt;/</code>
        <p>On a local fabric, one command does the same:</p>
        <code>heaters ingest film.mp4</code>
      </div>
    `;
  }
}
