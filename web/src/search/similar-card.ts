import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { SimilarClip } from '../api/types';
import '../player/clip-loop';
import type { ClipMedia, ClipMediaSource } from '../player/media';
import { PageElement } from '../shared/element';
import { timecode } from '../shared/format';
import './similar-card.css';

/** A pointer on its way across doesn't start anything. */
const REST_MS = 90;

/** A clip that looks like the main one; plays while pointed at or focused. */
@customElement('similar-card')
export class SimilarCard extends PageElement {
  @property({ attribute: false }) source!: ClipMediaSource;
  @property({ attribute: false }) similar!: SimilarClip;
  @property({ attribute: false }) href = '';
  @state() private media: ClipMedia | null = null;
  @state() private playing = false;
  private loading: AbortController | undefined;
  private rest: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave();
    this.loading?.abort();
    this.letGo();
  }

  private letGo(): void {
    if (this.media) this.source.release(this.media);
    this.media = null;
  }

  private enter(): void {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      this.playing = true;
      void this.load();
    }, REST_MS);
  }

  private leave(): void {
    clearTimeout(this.rest);
    this.playing = false;
  }

  private async load(): Promise<void> {
    if (this.media || this.loading) return;
    this.loading = new AbortController();
    const { signal } = this.loading;
    try {
      const media = await this.source.load(this.similar.clip.id, signal);
      if (signal.aborted) this.source.release(media);
      else this.media = media;
    } catch {
      // The still stays; the next visit of the pointer tries again.
    }
    this.loading = undefined;
  }

  private onBroken(): void {
    if (this.media) this.source.distrust(this.media);
    this.letGo();
  }

  protected override render() {
    const { clip, percent } = this.similar;
    const at = timecode(clip.start_frame, clip.fps);
    return html`
      <a
        class="similar-card"
        href=${this.href}
        data-clip=${clip.id}
        @pointerenter=${this.enter}
        @pointerleave=${this.leave}
        @focus=${this.enter}
        @blur=${this.leave}
      >
        <span class="similar-card-picture">
          ${clip.keyframe_url === null ? nothing : html`<img src=${clip.keyframe_url} alt="" loading="lazy" />`}
          ${this.media
            ? html`<clip-loop .media=${this.media} .playing=${this.playing} @loop-broken=${this.onBroken}></clip-loop>`
            : nothing}
          <span class="similar-card-percent figures"
            >${percent} %<span class="visually-hidden"> similar</span></span
          >
        </span>
        <span class="similar-card-title">${clip.video_title}</span>
        <span class="figures small soft">${at}</span>
      </a>
    `;
  }
}
