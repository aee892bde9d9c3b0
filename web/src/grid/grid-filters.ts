import { html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ORDERS as ORDER_WORDS } from '../review/filters';
import { PageElement } from '../shared/element';
import type { StateKind } from '../shared/states';
import './grid-filters.css';
import { type Filters, KINDS, NO_FILTERS, ORDERS, isFiltered } from './shown';

const KIND_WORDS: Readonly<Record<StateKind, string>> = {
  pending: 'To review',
  good: 'Approved',
  skipped: 'Skipped',
  archived: 'Archived',
  bad: 'Failed',
};

/** Which clips of the video are shown, and in which order. Tells `filters-changed`. */
@customElement('grid-filters')
export class GridFilters extends PageElement {
  @property({ attribute: false }) filters: Filters = NO_FILTERS;
  /** The tags that clips of the video carry. */
  @property({ attribute: false }) tags: readonly string[] = [];

  /** On a narrow screen they would stand before the clips. */
  @state() private open = matchMedia('(width >= 48rem)').matches;

  private change(part: Partial<Filters>): void {
    const detail: Filters = { ...this.filters, ...part };
    this.dispatchEvent(new CustomEvent<Filters>('filters-changed', { detail }));
  }

  protected override render() {
    const { filters } = this;
    return html`
      <search>
        <details class="grid-filters-box" ?open=${this.open} @toggle=${(event: Event) => (this.open = (event.target as HTMLDetailsElement).open)}>
          <summary class="small">${isFiltered(filters) ? 'Filters and order (filtered)' : 'Filters and order'}</summary>
          <div class="grid-filters">
        <label>
          <span>State</span>
          <select @change=${(event: Event) => this.change({ kind: KINDS.find((kind) => kind === valueOf(event)) ?? null })}>
            <option value="" .selected=${filters.kind === null}>All</option>
            ${KINDS.map((kind) => html`<option value=${kind} .selected=${filters.kind === kind}>${KIND_WORDS[kind]}</option>`)}
          </select>
        </label>
        ${this.number('Length from', 's', filters.minSeconds, 0.1, (minSeconds) => this.change({ minSeconds }))}
        ${this.number('Length to', 's', filters.maxSeconds, 0.1, (maxSeconds) => this.change({ maxSeconds }))}
        ${this.number('Cuts sure up to', '%', percentOf(filters.maxConfidence), 1, (percent) =>
          this.change({ maxConfidence: percent === null ? null : Math.min(1, percent / 100) }),
        )}
        <label>
          <span>Text in note</span>
          <input class="field" type="search" .value=${filters.text} @input=${(event: Event) => this.change({ text: valueOf(event).trim() })} />
        </label>
        <label>
          <span>Tag</span>
          <select ?disabled=${this.tags.length === 0} @change=${(event: Event) => this.change({ tag: valueOf(event) })}>
            <option value="" .selected=${filters.tag === ''}>All</option>
            ${this.tags.map((tag) => html`<option value=${tag} .selected=${filters.tag === tag}>${tag}</option>`)}
          </select>
        </label>
        <label>
          <span>Order</span>
          <select @change=${(event: Event) => this.change({ order: ORDERS.find((order) => order === valueOf(event)) ?? 'time' })}>
            ${ORDERS.map((order) => html`<option value=${order} .selected=${filters.order === order}>${ORDER_WORDS[order]}</option>`)}
          </select>
        </label>
        <button
          class="button button-small"
          type="button"
          ?hidden=${!isFiltered(filters)}
          @click=${() => this.change({ ...NO_FILTERS, order: filters.order })}
        >
          Clear
        </button>
          </div>
        </details>
      </search>
    `;
  }

  private number(words: string, unit: string, value: number | null, step: number, set: (value: number | null) => void) {
    const change = (event: Event) => {
      const text = valueOf(event);
      const number = Number(text);
      set(text === '' || !Number.isFinite(number) ? null : Math.max(0, number));
    };
    return html`<label class="grid-filters-number">
      <span>${words}</span>
      <span class="grid-filters-unit">
        <input class="field" type="number" min="0" step=${step} .value=${value === null ? '' : String(value)} @change=${change} />
        <span class="soft small">${unit}</span>
      </span>
    </label>`;
  }
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement).value;
}

function percentOf(share: number | null): number | null {
  return share === null ? null : Math.round(100 * share);
}
