import { type PropertyValues, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { bodyOf } from '../api/client';
import type { Storyboard, Video } from '../api/types';
import { PageElement } from '../shared/element';
import { duration } from '../shared/format';
import { tileAtShare } from '../shared/storyboard';
import { tilePicture } from '../shared/tile';
import type { App } from '../shell/app';
import './video-picture.css';

/** A pointer on its way across doesn't load anything. */
const REST_MS = 120;

/** How a video looks: its poster, and under the pointer the pictures along its length. */
@customElement('video-picture')
export class VideoPicture extends PageElement {
  @property({ attribute: false }) app!: App;
  @property({ attribute: false }) video!: Video;
  @state() private poster: string | null = null;
  @state() private storyboard: Storyboard | null = null;
  /** Where the pointer is, 0..1; null while it is elsewhere. */
  @state() private share: number | null = null;
  private asked = false;
  private rest: ReturnType<typeof setTimeout> | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('video')) return;
    const before = changed.get('video');
    // Every answer may sign the address anew; taking the new one would load the same picture again.
    if (this.poster === null || before?.attempt !== this.video.attempt) this.poster = this.video.poster_url;
  }

  private onMove(event: PointerEvent): void {
    if (event.pointerType === 'touch' || this.video.state !== 'ready') return;
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    this.share = (event.clientX - left) / Math.max(1, width);
    if (!this.asked) this.rest ??= setTimeout(() => void this.load(), REST_MS);
  }

  private onLeave(): void {
    clearTimeout(this.rest);
    this.rest = undefined;
    this.share = null;
  }

  private async load(): Promise<void> {
    this.asked = true;
    try {
      const path = { id: this.video.id };
      this.storyboard = (await bodyOf(this.app.api.GET('/v1/videos/{id}/timeline', { params: { path } }))).storyboard;
    } catch {
      // The poster stays; the next visit of the pointer tries again.
      this.asked = false;
    }
  }

  protected override render() {
    const length = this.video.duration_seconds;
    const tile = this.share === null || !this.storyboard ? null : tileAtShare(this.storyboard, this.share);
    return html`
      <div class="video-picture" @pointermove=${this.onMove} @pointerleave=${this.onLeave}>
        ${this.still()} ${tile === null ? nothing : tilePicture(tile)} ${tile === null ? nothing : this.place()}
        ${length === null
          ? nothing
          : html`<span class="video-picture-length figures">${this.time(length, tile !== null)}</span>`}
      </div>
    `;
  }

  private still() {
    if (this.poster === null) {
      const { failure, state } = this.video;
      return html`<span class="soft small">${failure || state === 'cancelled' ? 'No picture' : 'No picture yet'}</span>`;
    }
    return html`<img src=${this.poster} alt="" loading="lazy" @error=${() => (this.poster = null)} />`;
  }

  private time(length: number, scrubbing: boolean): string {
    return scrubbing ? `${duration((this.share ?? 0) * length)} / ${duration(length)}` : duration(length);
  }

  /** Where in the video the picture is from. */
  private place() {
    return html`<svg class="video-picture-place" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      <rect width=${100 * (this.share ?? 0)} height="1" />
    </svg>`;
  }
}
