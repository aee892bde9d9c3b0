import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { bodyOf } from '../api/client';
import { sentenceOf } from '../api/problem';
import type { SubmittedUrl } from '../api/types';
import { PageElement } from '../shared/element';
import type { App } from '../shell/app';
import { complaintAbout, leftOver, replaced, summaryOf, urlsIn } from './url-list';
import './url-form.css';

const WORDS: Record<SubmittedUrl['outcome'], string> = {
  accepted: 'Accepted',
  duplicate: 'Here already',
  refused: 'Refused',
};

/**
 * Takes web addresses of videos and says of each what became of it. `urls-submitted` tells whoever holds it that there
 * are new videos.
 */
@customElement('url-form')
export class UrlForm extends PageElement {
  @property({ attribute: false }) app!: App;
  @state() private text = '';
  @state() private items: readonly SubmittedUrl[] = [];
  @state() private busy = false;
  @state() private trouble: string | null = null;

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    const urls = urlsIn(this.text);
    this.trouble = complaintAbout(urls);
    if (this.trouble !== null || this.busy) {
      this.querySelector('textarea')?.focus();
      return;
    }
    const items = await this.send(urls, false);
    if (!items) return;
    this.items = items;
    this.text = leftOver(items);
  }

  private async again(url: string): Promise<void> {
    const [item] = (await this.send([url], true)) ?? [];
    if (item) this.items = replaced(this.items, item);
    await this.updateComplete;
    this.querySelector<HTMLElement>('.url-form-summary')?.focus();
  }

  private async send(urls: string[], anyway: boolean): Promise<readonly SubmittedUrl[] | undefined> {
    this.busy = true;
    this.trouble = null;
    try {
      const { items } = await bodyOf(this.app.api.POST('/v1/videos/urls', { body: { urls, anyway } }));
      if (items.some((item) => item.outcome === 'accepted')) {
        this.dispatchEvent(new CustomEvent('urls-submitted', { bubbles: true }));
      }
      return items;
    } catch (error) {
      this.trouble = sentenceOf(error);
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void this.submit(event);
  }

  protected override render() {
    return html`
      <form class="url-form" aria-labelledby="url-form-title" @submit=${this.submit}>
        <h2 id="url-form-title">Add from the web</h2>
        <label for="url-form-text">Addresses of videos, pages or playlists, one a line</label>
        <textarea
          id="url-form-text"
          rows="3"
          inputmode="url"
          autocapitalize="off"
          autocomplete="off"
          spellcheck="false"
          placeholder="https://…"
          aria-describedby="url-form-hint ${this.trouble === null ? '' : 'url-form-trouble'}"
          aria-invalid=${this.trouble === null ? 'false' : 'true'}
          .value=${this.text}
          @input=${(event: Event) => (this.text = (event.target as HTMLTextAreaElement).value)}
          @keydown=${this.onKey}
        ></textarea>
        <p class="soft small" id="url-form-hint">Each comes in the best quality that its site has.</p>
        ${this.trouble === null
          ? nothing
          : html`<p class="url-form-trouble small" id="url-form-trouble" role="alert">${this.trouble}</p>`}
        <p class="url-form-actions">
          <button class="button" type="submit" ?disabled=${this.busy}>${this.busy ? 'Submitting…' : 'Add videos'}</button>
        </p>
        ${this.items.length === 0 ? nothing : this.outcomes()}
      </form>
    `;
  }

  private outcomes() {
    return html`
      <p class="url-form-summary small" role="status" tabindex="-1">${summaryOf(this.items)}</p>
      <ul class="url-form-outcomes">
        ${repeat(
          this.items,
          (item) => item.url,
          (item) => this.outcome(item),
        )}
      </ul>
    `;
  }

  private outcome(item: SubmittedUrl) {
    return html`
      <li>
        <span class="url-form-word small" data-outcome=${item.outcome}>${WORDS[item.outcome]}</span>
        <span class="url-form-address small">
          ${item.url} ${item.sentence === null ? nothing : html`<span class="url-form-reason soft">${item.sentence}</span>`}
        </span>
        ${item.outcome === 'duplicate'
          ? html`<button
              class="button button-small"
              type="button"
              ?disabled=${this.busy}
              @click=${() => this.again(item.url)}
              >Ingest anyway<span class="visually-hidden">: ${item.url}</span></button
            >`
          : nothing}
      </li>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'url-form': UrlForm;
  }
}
