import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { bodyOf } from '../api/client';
import { ApiProblem, sentenceOf } from '../api/problem';
import type { Clip, SimilarClip } from '../api/types';
import '../player/clip-player';
import type { ClipBroken } from '../player/clip-player';
import { type ClipMedia, ClipMediaSource } from '../player/media';
import { Prefetcher } from '../player/prefetch';
import { PageElement } from '../shared/element';
import { duration, framesPerSecond, timecode } from '../shared/format';
import { poll } from '../shared/poll';
import type { App } from '../shell/app';
import { ORDERS, type Place, STRATEGIES, formatPlace, parsePlace } from './place';
import './search-page.css';
import './similar-card';

const PAGE_SIZE = 12;
/** How often a search without any clip looks for the first one. */
const LOOK_AGAIN_MS = 5_000;

interface Results {
  readonly items: readonly SimilarClip[];
  readonly next: string | null;
}

/** A clip, and the clips that look most or least like it. */
@customElement('search-page')
export class SearchPage extends PageElement {
  @property({ attribute: false }) app!: App;
  @state() private place: Place = parsePlace(location.search);
  @state() private clip: Clip | undefined;
  @state() private results: Results | undefined;
  @state() private nothingYet = false;
  @state() private trouble: string | null = null;
  /** The cursors of the pages before this one. */
  @state() private cursors: readonly (string | null)[] = [null];
  private source!: ClipMediaSource;
  private media!: Prefetcher<ClipMedia>;
  /** Counts what was asked for, so that a late answer to an earlier question is dropped. */
  private asked = 0;
  private stopPolling: (() => void) | undefined;
  private readonly onPopState = () => void this.go(parsePlace(location.search), 'keep');

  override connectedCallback(): void {
    super.connectedCallback();
    this.source = new ClipMediaSource(this.app.api);
    this.media = new Prefetcher(this.source, 1, () => this.requestUpdate());
    window.addEventListener('popstate', this.onPopState);
    void this.go(this.place, 'keep');
    this.stopPolling = poll(async () => {
      if (this.nothingYet) await this.random('replace');
      return LOOK_AGAIN_MS;
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.onPopState);
    this.stopPolling?.();
    this.media.want([]);
  }

  private async go(place: Place, address: 'push' | 'replace' | 'keep'): Promise<void> {
    if (place.clip === null) return this.random('replace');
    const isOther = place.clip !== this.clip?.id;
    this.place = place;
    this.cursors = [null];
    if (address === 'push') history.pushState(null, '', location.pathname + formatPlace(place));
    if (address === 'replace') history.replaceState(null, '', location.pathname + formatPlace(place));
    if (isOther) this.media.want([place.clip]);
    await this.attempt(async (isLatest) => {
      const [clip, results] = await Promise.all([this.clipOf(place.clip ?? ''), this.similar(place, null)]);
      if (!isLatest()) return;
      this.clip = clip;
      this.results = results;
    });
  }

  private async random(address: 'push' | 'replace'): Promise<void> {
    let found: Clip | undefined;
    await this.attempt(async (isLatest) => {
      try {
        const clip = await bodyOf(this.app.api.GET('/v1/search/random'));
        if (isLatest()) found = clip;
        this.nothingYet = false;
      } catch (error) {
        if (!(error instanceof ApiProblem && error.status === 404)) throw error;
        this.nothingYet = true;
      }
    });
    if (found) await this.go({ ...this.place, clip: found.id }, address);
  }

  private async turnTo(cursors: readonly (string | null)[]): Promise<void> {
    await this.attempt(async (isLatest) => {
      const results = await this.similar(this.place, cursors.at(-1) ?? null);
      if (!isLatest()) return;
      this.cursors = cursors;
      this.results = results;
    });
    this.querySelector('.search-results')?.scrollIntoView({ block: 'nearest' });
  }

  private async attempt(task: (isLatest: () => boolean) => Promise<void>): Promise<void> {
    this.asked += 1;
    const question = this.asked;
    try {
      await task(() => question === this.asked);
      this.trouble = null;
    } catch (error) {
      if (question === this.asked) this.trouble = sentenceOf(error);
    }
  }

  private async clipOf(id: string): Promise<Clip> {
    if (this.clip?.id === id) return this.clip;
    const known = this.results?.items.find(({ clip }) => clip.id === id);
    return known?.clip ?? bodyOf(this.app.api.GET('/v1/clips/{id}', { params: { path: { id } } }));
  }

  private async similar({ clip, strategy, order }: Place, cursor: string | null): Promise<Results> {
    const query = { limit: PAGE_SIZE, strategy, order, ...(cursor === null ? {} : { cursor }) };
    const page = await bodyOf(
      this.app.api.GET('/v1/clips/{id}/similar', { params: { path: { id: clip ?? '' }, query } }),
    );
    return { items: page.items, next: page.next_cursor };
  }

  /** What was put together here could not be played: the API's file may be. */
  private onBroken(event: ClipBroken): void {
    const { clipId } = event.detail;
    const media = this.media.media(clipId);
    if (!media || !this.source.distrust(media)) return;
    this.media.want([]);
    this.media.want([clipId]);
  }

  /** Follows a card inside the page, unless the person wants it in a tab of its own. */
  private follow(event: MouseEvent, clip: Clip): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    void this.go({ ...this.place, clip: clip.id }, 'push');
    this.querySelector<HTMLElement>('.search-main')?.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }

  protected override render() {
    if (this.nothingYet) return this.emptyState();
    return html`
      <div class="page-heading">
        <h1>Search</h1>
        ${this.controls()}
      </div>
      ${this.trouble === null ? nothing : this.troubleNotice(this.trouble)}
      ${this.clip ? html`${this.mainClip(this.clip)} ${this.resultList()}` : this.loadingState()}
    `;
  }

  private loadingState() {
    return this.trouble === null ? html`<p class="empty" role="status">Looking for a clip…</p>` : nothing;
  }

  private troubleNotice(sentence: string) {
    return html`
      <p class="notice notice-bad search-trouble" role="alert">
        ${sentence}
        <button class="button button-small" type="button" @click=${() => this.go(this.place, 'keep')}>Try again</button>
      </p>
    `;
  }

  private emptyState() {
    return html`
      <div class="empty">
        <h1>Nothing to search yet</h1>
        <p>Approve a clip. A moment later it is exported, its stills are indexed, and it appears here.</p>
        <a class="button button-primary" href="./review.html">Review clips</a>
      </div>
    `;
  }

  private controls() {
    const { place } = this;
    return html`
      <div class="search-controls">
        ${this.choice('Order', ORDERS, place.order, (order) => ({ ...place, order }))}
        ${this.choice('Compare', STRATEGIES, place.strategy, (strategy) => ({ ...place, strategy }))}
        <button class="button" type="button" data-random @click=${() => this.random('push')}>Random clip</button>
      </div>
    `;
  }

  private choice<T extends string>(
    label: string,
    options: readonly { value: T; title: string }[],
    chosen: T,
    placeWith: (value: T) => Place,
  ) {
    return html`
      <fieldset class="segments">
        <legend class="visually-hidden">${label}</legend>
        ${options.map(
          ({ value, title }) => html`
            <label>
              <input
                type="radio"
                name=${label}
                .checked=${value === chosen}
                @change=${() => this.go(placeWith(value), 'push')}
              />
              <span>${title}</span>
            </label>
          `,
        )}
      </fieldset>
    `;
  }

  private mainClip(clip: Clip) {
    const media = this.media.media(clip.id);
    const error = this.media.error(clip.id);
    const player = media && { media, clipId: clip.id, startFrame: clip.start_frame };
    const frames = clip.end_frame - clip.start_frame;
    return html`
      <section class="search-main" tabindex="-1" aria-label="The clip searched with">
        <clip-player .current=${player} @clip-broken=${this.onBroken}></clip-player>
        <div class="search-main-facts">
          <h2 title=${clip.video_title}>${clip.video_title}</h2>
          <p class="soft figures small">${timecode(clip.start_frame, clip.fps)}</p>
          <p class="soft small">${frames} frames, ${duration(frames / framesPerSecond(clip.fps))}</p>
          ${error === undefined ? nothing : html`<p class="small" role="alert">${sentenceOf(error)}</p>`}
        </div>
      </section>
    `;
  }

  private resultList() {
    const { results, place } = this;
    if (!results) return nothing;
    const title = place.order === 'most' ? 'Most similar' : 'Least similar';
    if (results.items.length === 0) {
      return html`<p class="empty">No other clip is searchable yet. Approve more, and they appear here.</p>`;
    }
    return html`
      <section class="search-results" aria-label=${title}>
        <h2>${title}</h2>
        <ul>
          ${repeat(
            results.items,
            ({ clip }) => clip.id,
            (similar) => html`
              <li>
                <similar-card
                  .source=${this.source}
                  .similar=${similar}
                  .href=${`./search.html${formatPlace({ ...place, clip: similar.clip.id })}`}
                  @click=${(event: MouseEvent) => this.follow(event, similar.clip)}
                ></similar-card>
              </li>
            `,
          )}
        </ul>
        ${this.pageTurner(results)}
      </section>
    `;
  }

  private pageTurner({ next }: Results) {
    const { cursors } = this;
    if (next === null && cursors.length === 1) return nothing;
    return html`
      <nav class="search-pages" aria-label="Pages">
        <button
          class="button"
          type="button"
          ?disabled=${cursors.length === 1}
          @click=${() => this.turnTo(cursors.slice(0, -1))}
        >
          Previous
        </button>
        <span class="soft small">Page ${cursors.length}</span>
        <button
          class="button"
          type="button"
          ?disabled=${next === null}
          @click=${() => this.turnTo([...cursors, next])}
        >
          Next
        </button>
      </nav>
    `;
  }
}
