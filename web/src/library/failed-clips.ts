import { type PropertyValues, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { bodyOf } from '../api/client';
import { sentenceOf } from '../api/problem';
import type { Clip } from '../api/types';
import { PageElement } from '../shared/element';
import { counted, timecode } from '../shared/format';
import { FAILED_CLIP_STATES } from '../shared/states';
import type { App } from '../shell/app';
import './failed-clips.css';

/** The approved clips of a video that could not be published: why, and a way to try again. */
@customElement('failed-clips')
export class FailedClips extends PageElement {
  @property({ attribute: false }) app!: App;
  @property({ attribute: false }) videoId!: string;
  @property({ attribute: false }) failed = 0;
  @state() private clips: readonly Clip[] | undefined;
  @state() private trouble: string | null = null;
  private open = false;

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('failed') && this.open) void this.load();
  }

  private onToggle(event: Event): void {
    this.open = (event.target as HTMLDetailsElement).open;
    if (this.open) void this.load();
  }

  private async load(): Promise<void> {
    try {
      const pages = await Promise.all(
        FAILED_CLIP_STATES.map((state) =>
          bodyOf(this.app.api.GET('/v1/clips', { params: { query: { state, video: this.videoId, limit: 100 } } })),
        ),
      );
      this.clips = pages.flatMap((page) => page.items).sort((one, other) => one.start_frame - other.start_frame);
      this.trouble = null;
    } catch (error) {
      this.trouble = sentenceOf(error);
    }
  }

  private async retry(clip: Clip): Promise<void> {
    try {
      await bodyOf(this.app.api.POST('/v1/clips/{id}/retry', { params: { path: { id: clip.id } } }));
      this.clips = this.clips?.filter((other) => other.id !== clip.id);
      this.trouble = null;
    } catch (error) {
      this.trouble = sentenceOf(error);
    }
  }

  protected override render() {
    return html`
      <details class="failed-clips" @toggle=${this.onToggle}>
        <summary class="small">${counted(this.failed, 'clip')} could not be published</summary>
        ${this.trouble === null ? nothing : html`<p class="small" role="alert">${this.trouble}</p>`}
        <ul>
          ${repeat(
            this.clips ?? [],
            (clip) => clip.id,
            (clip) => this.row(clip),
          )}
        </ul>
      </details>
    `;
  }

  private row(clip: Clip) {
    const at = timecode(clip.start_frame, clip.fps);
    return html`
      <li>
        <span class="figures small">${at}</span>
        <span class="small">${clip.failure?.sentence ?? 'No reason was recorded.'}</span>
        <button class="button button-small" type="button" @click=${() => this.retry(clip)}>
          Retry<span class="visually-hidden"> the clip at ${at}</span></button
        >
      </li>
    `;
  }
}
