import { html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { bodyOf } from '../api/client';
import { sentenceOf } from '../api/problem';
import type { Video } from '../api/types';
import '../redetect/redetect-dialog';
import { PageElement } from '../shared/element';
import { ago, count, framesPerSecond } from '../shared/format';
import { FAILED_CLIP_STATES, clipCounts, clipWording, isUnderWay, videoWording } from '../shared/states';
import type { App } from '../shell/app';
import './download-line';
import './failed-clips';
import { stageTable } from './stage-table';
import './video-card.css';
import './video-picture';
import './video-title';
import type { VideoTitle } from './video-title';
import { possible } from './what-can-be-done';

const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long' });

type Act = 'retry' | 'cancel' | 'delete' | 'restore';

/** One video: how it looks, how far it is, what its clips are, and what can be done. */
@customElement('video-card')
export class VideoCard extends PageElement {
  @property({ attribute: false }) app!: App;
  @property({ attribute: false }) video!: Video;
  @state() private acting: Act | null = null;
  @state() private refusal: string | null = null;
  @state() private redetecting = false;
  @query('video-title') private titleElement!: VideoTitle;

  private async act(act: Act): Promise<void> {
    this.acting = act;
    this.refusal = null;
    try {
      await this.send(act);
    } catch (error) {
      this.refusal = sentenceOf(error);
    }
    this.acting = null;
  }

  private async send(act: Act): Promise<void> {
    const { api } = this.app;
    const at = { params: { path: { id: this.video.id } } };
    if (act === 'delete') {
      await bodyOf(api.DELETE('/v1/videos/{id}', at));
      this.tell('video-gone', { video: this.video, deleted: true });
    } else if (act === 'restore') {
      await bodyOf(api.POST('/v1/videos/{id}/restore', at));
      this.tell('video-gone', { video: this.video, deleted: false });
    } else {
      const answer = act === 'retry' ? api.POST('/v1/videos/{id}/retry', at) : api.POST('/v1/videos/{id}/cancel', at);
      this.tell('video-changed', await bodyOf(answer));
    }
  }

  private tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
  }

  private onRenameEnded(): void {
    this.querySelector<HTMLElement>('[data-act="rename"]')?.focus();
  }

  protected override render() {
    const { video } = this;
    const titleId = `video-${video.id}`;
    return html`
      <article class="video-card" aria-labelledby=${titleId} data-video=${video.id}>
        <video-picture .app=${this.app} .video=${video}></video-picture>
        <div class="video-card-body">
          <div class="video-card-heading">
            <video-title .app=${this.app} .video=${video} .titleId=${titleId} @rename-ended=${this.onRenameEnded}></video-title>
            ${this.stateTag()}
          </div>
          <p class="video-card-facts soft small">${this.facts()}</p>
          ${isUnderWay(video.state) ? this.progress() : nothing}
          ${video.failure && video.state !== 'ready'
            ? html`<p class="notice notice-bad">${video.failure.sentence}</p>`
            : nothing}
          ${video.duplicate_of === null
            ? nothing
            : html`<p class="small">
                The same file is here <a href="./grid.html?video=${video.duplicate_of}">as another video</a> already.
              </p>`}
          ${this.clips()} ${this.failedClips()} ${this.stages()}
        </div>
        <div class="video-card-main-actions">${this.mainActions()}</div>
        <div class="video-card-actions">${this.actions()}</div>
        ${this.refusal === null ? nothing : html`<p class="video-card-refusal small" role="alert">${this.refusal}</p>`}
        ${this.redetecting
          ? html`<redetect-dialog
              .app=${this.app}
              .video=${video}
              @dialog-closed=${() => (this.redetecting = false)}
            ></redetect-dialog>`
          : nothing}
      </article>
    `;
  }

  private stateTag() {
    const { words, tone } = videoWording(this.video.state);
    return html`<span class="tag tag-${tone}" data-state=${this.video.state}>${words}</span>`;
  }

  private facts(): string {
    const { width, height, fps, frames, has_sound: hasSound, created_at: created, attempt } = this.video;
    const { restorable_until: until, site } = this.video;
    const facts = [
      width !== null && height !== null ? `${width} × ${height}` : null,
      fps === null ? null : `${Number(framesPerSecond(fps).toFixed(3))} frames/s`,
      frames === null ? null : `${count(frames)} frames`,
      hasSound === null ? null : hasSound ? 'with sound' : 'no sound',
      site === null ? null : `from ${site}`,
      `added ${ago(created, Date.now())}`,
      attempt > 1 ? `attempt ${attempt}` : null,
      until ? `can be restored until ${DAY.format(Date.parse(until))}` : null,
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
      <download-line .video=${this.video}></download-line>
    `;
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

  private mainActions() {
    const { video } = this;
    const able = possible(video);
    return html`
      ${able.retry ? this.button('retry', 'Retry', 'Starting again…', 'button') : nothing}
      ${able.restore ? this.button('restore', 'Restore', 'Restoring…', 'button button-primary') : nothing}
      ${able.review > 0
        ? html`<a class="button button-primary" href="./review.html?video=${video.id}"
            >Review ${count(able.review)}<span class="visually-hidden"> clips of ${video.title}</span></a
          >`
        : nothing}
      ${able.clips
        ? html`<a class="button" href="./grid.html?video=${video.id}"
            >All clips<span class="visually-hidden"> of ${video.title}</span></a
          >`
        : nothing}
      ${able.cancel ? this.button('cancel', 'Cancel', 'Cancelling…', 'button') : nothing}
    `;
  }

  private actions() {
    const { video } = this;
    const able = possible(video);
    const of = html`<span class="visually-hidden"> ${video.title}</span>`;
    return html`
      ${able.rename
        ? html`<button class="link-button" type="button" data-act="rename" @click=${() => this.titleElement.edit()}>
            Rename${of}
          </button>`
        : nothing}
      ${able.redetect
        ? html`<button class="link-button" type="button" data-act="redetect" @click=${() => (this.redetecting = true)}>
            Detect again${of}
          </button>`
        : nothing}
      <a class="link-button" href="./activity.html?video=${video.id}">Activity<span class="visually-hidden"> of ${video.title}</span></a>
      ${able.remove ? this.button('delete', 'Delete', 'Deleting…', 'link-button') : nothing}
    `;
  }

  private button(act: Act, words: string, acting: string, look: string) {
    return html`<button
      class=${look}
      type="button"
      data-act=${act}
      ?disabled=${this.acting !== null}
      @click=${() => this.act(act)}
    >
      ${this.acting === act ? acting : words}<span class="visually-hidden"> ${this.video.title}</span></button
    >`;
  }
}
