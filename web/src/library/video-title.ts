import { type PropertyValues, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { bodyOf } from '../api/client';
import { sentenceOf } from '../api/problem';
import type { Video } from '../api/types';
import { PageElement } from '../shared/element';
import type { App } from '../shell/app';
import './video-title.css';

/** As the API has it. */
const LONGEST = 200;

/** A video's name, which is changed where it stands. */
@customElement('video-title')
export class VideoTitle extends PageElement {
  @property({ attribute: false }) app!: App;
  @property({ attribute: false }) video!: Video;
  @property({ attribute: false }) titleId = '';
  @state() private editing = false;
  @state() private saving = false;
  @state() private refusal: string | null = null;

  /** Begins to rename. */
  edit(): void {
    this.refusal = null;
    this.editing = true;
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has('editing')) return;
    if (this.editing) this.querySelector('input')?.select();
    else if (changed.get('editing') === true) this.dispatchEvent(new Event('rename-ended', { bubbles: true }));
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault();
    const title = this.querySelector('input')?.value.trim() ?? '';
    if (title === '' || title === this.video.title) {
      this.editing = title === '';
      this.refusal = title === '' ? 'A video needs a name.' : null;
      return;
    }
    this.saving = true;
    try {
      const { api } = this.app;
      const video = await bodyOf(
        api.PATCH('/v1/videos/{id}', { params: { path: { id: this.video.id } }, body: { title } }),
      );
      this.dispatchEvent(new CustomEvent<Video>('video-changed', { detail: video, bubbles: true }));
      this.editing = false;
      this.refusal = null;
    } catch (error) {
      this.refusal = sentenceOf(error);
    }
    this.saving = false;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.editing = false;
  }

  protected override render() {
    const { video } = this;
    if (!this.editing) return html`<h2 id=${this.titleId} title=${video.title}>${video.title}</h2>`;
    const refusalId = `${this.titleId}-refusal`;
    return html`
      <h2 id=${this.titleId} class="visually-hidden">${video.title}</h2>
      <form class="video-title-form" @submit=${this.save} @keydown=${this.onKey}>
        <input
          class="field"
          type="text"
          aria-label=${`New name of ${video.title}`}
          aria-describedby=${this.refusal === null ? nothing : refusalId}
          maxlength=${LONGEST}
          .value=${video.title}
        />
        <button class="button button-small button-primary" type="submit" ?disabled=${this.saving}>
          ${this.saving ? 'Saving…' : 'Save'}
        </button>
        <button class="button button-small" type="button" @click=${() => (this.editing = false)}>Cancel</button>
      </form>
      ${this.refusal === null
        ? nothing
        : html`<p id=${refusalId} class="small video-title-refusal" role="alert">${this.refusal}</p>`}
    `;
  }
}
