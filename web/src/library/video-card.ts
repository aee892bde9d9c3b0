import { type PropertyValues, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { bodyOf } from '../api/client';
import { sentenceOf } from '../api/problem';
import type { Video } from '../api/types';
import { PageElement } from '../shared/element';
import { ago, count, duration, framesPerSecond } from '../shared/format';
import { FAILED_CLIP_STATES, canRetry, clipCounts, clipWording, isUnderWay, videoWording } from '../shared/states';
import type { App } from '../shell/app';
import './failed-clips';
import { stageTable } from './stage-table';
import './video-card.css';

/** One video: how it looks, how far it is, what its clips are, and what can be done. */
@customElement('video-card')
export class VideoCard extends PageElement {
  @property({ attribute: false }) app!: App;
  @property({ attribute: false }) video!: Video;
  @state() private retrying = false;
  @state() private refusal: string | null = null;
  @state() private poster: string | null = null;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('video')) return;
    const before = changed.get('video');
    // Every answer signs the address anew; taking the new one would load the same picture again.
    if (this.poster === null || before?.attempt !== this.video.attempt) this.poster = this.video.poster_url;
  }

  private async retry(): Promise<void> {
    this.retrying = true;
    this.refusal = null;
    try {
      const video = await bodyOf(
        this.app.api.POST('/v1/videos/{id}/retry', { params: { path: { id: this.video.id } } }),
      );
      this.dispatchEvent(new CustomEvent<Video>('video-changed', { detail: video, bubbles: true }));
    } catch (error) {
      this.refusal = sentenceOf(error);
    }
    this.retrying = false;
  }

  protected override render() {
    const { video } = this;
    const titleId = `video-${video.id}`;
    return html`
      <article class="video-card" aria-labelledby=${titleId}>
        ${this.picture()}
        <div class="video-card-body">
          <div class="video-card-heading">
            <h2 id=${titleId}>${video.title}</h2>
            ${this.stateTag()}
          </div>
          <p class="video-card-facts soft small">${this.facts()}</p>
          ${isUnderWay(video.state) ? this.progress() : nothing}
          ${video.failure && video.state !== 'ready' ? this.failure(video.failure.sentence) : nothing} ${this.clips()}
          ${this.failedClips()} ${this.stages()}
        </div>
        <div class="video-card-actions">${this.actions()}</div>
      </article>
    `;
  }

  private picture() {
    const picture =
      this.poster === null
        ? html`<span class="soft small">${this.video.failure ? 'No picture' : 'No picture yet'}</span>`
        : html`<img src=${this.poster} alt="" loading="lazy" @error=${() => (this.poster = null)} />`;
    const length = this.video.duration_seconds;
    return html`
      <div class="video-card-picture">
        ${picture}
        ${length === null ? nothing : html`<span class="video-card-length figures">${duration(length)}</span>`}
      </div>
    `;
  }

  private stateTag() {
    const { words, tone } = videoWording(this.video.state);
    return html`<span class="tag tag-${tone}" data-state=${this.video.state}>${words}</span>`;
  }

  private facts(): string {
    const { width, height, fps, frames, has_sound: hasSound, created_at: created, attempt } = this.video;
    const facts = [
      width !== null && height !== null ? `${width} × ${height}` : null,
      fps === null ? null : `${Number(framesPerSecond(fps).toFixed(3))} frames/s`,
      frames === null ? null : `${count(frames)} frames`,
      hasSound === null ? null : hasSound ? 'with sound' : 'no sound',
      `added ${ago(created, Date.now())}`,
      attempt > 1 ? `attempt ${attempt}` : null,
    ];
    return facts.filter((fact) => fact !== null).join(' · ');
  }

  private progress() {
    const { progress, title } = this.video;
    return html`
      <div class="video-card-progress">
        <progress max="100" .value=${progress} aria-label=${`Progress of ${title}`}></progress>
        <span class="figures small">${progress} %</span>
      </div>
    `;
  }

  private failure(sentence: string) {
    return html`<p class="notice notice-bad">${sentence}</p>`;
  }

  private clips() {
    const counts = clipCounts(this.video.clips);
    if (counts.length === 0) return nothing;
    return html`
      <ul class="video-card-clips" aria-label="Clips">
        ${counts.map(({ state, count: clips }) => {
          const { words, tone } = clipWording(state);
          return html`<li class="tag tag-${tone}"><span class="figures">${count(clips)}</span> ${words}</li>`;
        })}
      </ul>
    `;
  }

  private failedClips() {
    const failed = FAILED_CLIP_STATES.reduce((sum, state) => sum + (this.video.clips[state] ?? 0), 0);
    if (failed === 0) return nothing;
    return html`<failed-clips .app=${this.app} .videoId=${this.video.id} .failed=${failed}></failed-clips>`;
  }

  private stages() {
    if (this.video.stages.length === 0) return nothing;
    return html`
      <details class="video-card-stages">
        <summary class="soft small">What was done, and how long it took</summary>
        ${stageTable(this.video.stages)}
      </details>
    `;
  }

  private actions() {
    const { video } = this;
    const waiting = video.clips['pending_review'] ?? 0;
    const retry = canRetry(video.state)
      ? html`<button class="button" type="button" ?disabled=${this.retrying} @click=${this.retry}>
          ${this.retrying ? 'Starting again…' : 'Retry'}<span class="visually-hidden"> ${video.title}</span>
        </button>`
      : nothing;
    const review =
      waiting > 0
        ? html`<a class="button button-primary" href="./review.html?video=${video.id}"
            >Review ${count(waiting)}<span class="visually-hidden"> clips of ${video.title}</span></a
          >`
        : nothing;
    const refusal = this.refusal === null ? nothing : html`<p class="small" role="alert">${this.refusal}</p>`;
    return html`${retry} ${review} ${refusal}`;
  }
}
