import { html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Api, bodyOf } from '../api/client';
import type { Video } from '../api/types';
import { PageElement } from '../shared/element';
import { clipWording } from '../shared/states';
import './review-dialog.css';
import { ALL_PENDING, ORDERS, QUEUE_STATES, type QueueFilters, filtersOf } from './filters';

/** New filters were chosen. */
export type FiltersChosen = CustomEvent<QueueFilters>;

const VIDEOS = 100;

/** Which clips to review, and in which order. */
@customElement('filter-dialog')
export class FilterDialog extends PageElement {
  @property({ attribute: false }) api!: Api;
  @property({ attribute: false }) filters: QueueFilters = ALL_PENDING;
  @state() private videos: readonly Video[] = [];
  @state() private tags: readonly string[] = [];

  private get dialog(): HTMLDialogElement | null {
    return this.querySelector('dialog');
  }

  show(): void {
    this.querySelector('form')?.reset();
    this.dialog?.showModal();
    void this.load();
  }

  private async load(): Promise<void> {
    const [videos, tags] = await Promise.allSettled([
      bodyOf(this.api.GET('/v1/videos', { params: { query: { limit: VIDEOS } } })),
      bodyOf(this.api.GET('/v1/tags')),
    ]);
    if (videos.status === 'fulfilled') this.videos = videos.value.items;
    if (tags.status === 'fulfilled') this.tags = tags.value.map(({ tag }) => tag);
  }

  private onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === 'string' && value !== '') query.set(name, value);
    for (const name of ['min_confidence', 'max_confidence']) {
      const percent = query.get(name);
      if (percent !== null) query.set(name, String(Number(percent) / 100));
    }
    this.choose(filtersOf(query));
  }

  private choose(filters: QueueFilters): void {
    this.dialog?.close();
    this.dispatchEvent(new CustomEvent('filters-chosen', { detail: filters }));
  }

  protected override render() {
    const { filters } = this;
    return html`
      <dialog class="review-dialog" aria-labelledby="filter-title">
        <form @submit=${this.onSubmit}>
          <h2 id="filter-title">Which clips</h2>
          <label>
            Video
            <select name="video">
              <option value="" ?selected=${filters.video === null}>All videos</option>
              ${this.videos.map((video) => html`<option value=${video.id} ?selected=${video.id === filters.video}>${video.title}</option>`)}
              ${filters.video !== null && !this.videos.some((video) => video.id === filters.video)
                ? html`<option value=${filters.video} selected>The video of now</option>`
                : ''}
            </select>
          </label>
          <label>
            State
            <select name="state">
              ${QUEUE_STATES.map((state) => html`<option value=${state} ?selected=${state === filters.state}>${clipWording(state).words}</option>`)}
            </select>
          </label>
          <label>
            Order
            <select name="order">
              ${Object.entries(ORDERS).map(([order, words]) => html`<option value=${order} ?selected=${order === filters.order}>${words}</option>`)}
            </select>
          </label>
          ${this.range('Length in seconds', 'seconds', filters.minSeconds, filters.maxSeconds, { step: '0.1' })}
          ${this.range('How sure the cuts are, in percent', 'confidence', percent(filters.minConfidence), percent(filters.maxConfidence), {
            step: '1',
            max: '100',
          })}
          <label>
            Text in title or note
            <input class="input" name="text" type="search" maxlength="200" .defaultValue=${filters.text ?? ''} />
          </label>
          <label>
            Tag
            <input class="input" name="tag" list="filter-tags" maxlength="40" .defaultValue=${filters.tag ?? ''} />
          </label>
          <datalist id="filter-tags">${this.tags.map((tag) => html`<option value=${tag}></option>`)}</datalist>
          <div class="review-dialog-foot">
            <button class="button" type="button" @click=${() => this.dialog?.close()}>Cancel</button>
            <button class="button" type="button" @click=${() => this.choose(ALL_PENDING)}>All clips</button>
            <button class="button button-primary">Show</button>
          </div>
        </form>
      </dialog>
    `;
  }

  private range(title: string, name: string, least: number | null, most: number | null, { step, max }: { step: string; max?: string }) {
    const field = (which: 'min' | 'max', value: number | null) => html`
      <label>
        ${which === 'min' ? 'at least' : 'at most'}
        <input
          class="input figures"
          type="number"
          inputmode="decimal"
          name=${`${which}_${name}`}
          min="0"
          max=${max ?? '86400'}
          step=${step}
          .defaultValue=${value === null ? '' : String(value)}
        />
      </label>
    `;
    return html`
      <fieldset>
        <legend>${title}</legend>
        ${field('min', least)} ${field('max', most)}
      </fieldset>
    `;
  }
}

function percent(share: number | null): number | null {
  return share === null ? null : Math.round(share * 100);
}
