import { type TemplateResult, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { PageElement } from '../shared/element';
import type { UploadItem } from './upload';
import './upload-list.css';
import type { Uploader } from './uploader';
import { percent, standing } from './words';

/** How often rate, time left and the wait for the next try are told anew. */
const TELL_MS = 500;

/** The files on their way, and what can be done with each. */
@customElement('upload-list')
export class UploadList extends PageElement {
  @property({ attribute: false }) uploader!: Uploader;
  /** What reads a screen is told the phases alone, not every percent. */
  private announced = new Map<number, string>();
  private announcement = '';
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly onChange = () => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    this.uploader.addEventListener('change', this.onChange);
    this.timer = setInterval(() => this.uploader.busy && this.requestUpdate(), TELL_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.uploader.removeEventListener('change', this.onChange);
    clearInterval(this.timer);
  }

  protected override render() {
    const { items } = this.uploader;
    this.announce(items);
    return html`
      <p class="visually-hidden" role="status">${this.announcement}</p>
      ${items.length === 0
        ? nothing
        : html`<ul class="upload-list" aria-label="Uploads">
            ${repeat(
              items,
              ({ id }) => id,
              (item) => this.row(item),
            )}
          </ul>`}
    `;
  }

  private announce(items: readonly UploadItem[]): void {
    const news = items.filter(({ id, phase, trouble }) => this.announced.get(id) !== `${phase}${trouble ?? ''}`);
    if (news.length === 0) return;
    for (const { id, phase, trouble } of news) this.announced.set(id, `${phase}${trouble ?? ''}`);
    this.announcement = news.map((item) => `${item.name}: ${item.trouble ?? standing(item, Date.now())}`).join('. ');
  }

  private row(item: UploadItem) {
    const tone = item.phase === 'failed' ? 'is-bad' : item.retryAt !== null ? 'is-waiting' : '';
    return html`
      <li class="upload-row ${tone}" data-phase=${item.phase}>
        <span class="upload-row-name" title=${item.name}>${item.name}</span>
        <span class="upload-row-actions">${this.actions(item)}</span>
        <span class="upload-row-standing small">${standing(item, Date.now())}</span>
        ${item.phase === 'failed' || item.phase === 'done'
          ? nothing
          : html`<progress max="100" .value=${percent(item)} aria-label=${`Upload of ${item.name}`}></progress>`}
      </li>
    `;
  }

  private actions(item: UploadItem): TemplateResult {
    const { uploader } = this;
    const { id } = item;
    const cancel = this.button('Cancel', item, () => uploader.cancel(id));
    switch (item.phase) {
      case 'sending':
      case 'queued':
        return html`${item.retryAt === null ? nothing : this.button('Try now', item, () => uploader.online())}
        ${this.button('Pause', item, () => uploader.pause(id))} ${cancel}`;
      case 'paused':
        return html`${this.button('Resume', item, () => uploader.resume(id))} ${cancel}`;
      case 'interrupted':
        return html`${this.button('Choose the file', item, () => this.choose())} ${cancel}`;
      case 'done':
        return this.button('Dismiss', item, () => uploader.drop(id));
      case 'failed':
        return html`${item.sizeBytes === 0 ? nothing : this.button('Try again', item, () => uploader.resume(id))}
        ${this.button('Dismiss', item, () => uploader.cancel(id))}`;
    }
  }

  private choose(): void {
    this.dispatchEvent(new Event('choose-files', { bubbles: true }));
  }

  private button(words: string, item: UploadItem, act: () => void) {
    return html`<button class="button button-small" type="button" @click=${act}>
      ${words}<span class="visually-hidden"> of ${item.name}</span></button
    >`;
  }
}
