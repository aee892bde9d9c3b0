import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { PageElement } from '../shared/element';
import './clip-loop.css';
import { give, take } from './element-media';
import type { ClipMedia } from './media';

/** A clip that plays over its still, in a loop and without sound. Tells `loop-broken` where the browser can't. */
@customElement('clip-loop')
export class ClipLoop extends PageElement {
  @property({ attribute: false }) media!: ClipMedia;
  @property({ attribute: false }) playing = true;

  override connectedCallback(): void {
    super.connectedCallback();
    // One that was moved has lost what it played.
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    const video = this.querySelector('video');
    if (video) take(video);
  }

  protected override updated(): void {
    const video = this.querySelector('video');
    if (!video || !this.isConnected) return;
    give(video, this.media);
    if (this.playing) video.play().catch(() => undefined);
    else video.pause();
  }

  private onError(): void {
    this.dispatchEvent(new Event('loop-broken'));
  }

  protected override render() {
    return html`<video
      class=${this.playing ? 'is-shown' : ''}
      loop
      playsinline
      tabindex="-1"
      aria-hidden="true"
      .muted=${true}
      @error=${this.onError}
    ></video>`;
  }
}
