import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { type Api, bodyOf } from '../api/client';
import { sentenceOf } from '../api/problem';
import type { Activity } from '../api/types';
import { PageElement } from '../shared/element';
import { took } from '../shared/format';
import { keep } from '../shared/keep';
import { poll } from '../shared/poll';
import type { App } from '../shell/app';
import './activity-page.css';

const PAGE_SIZE = 50;
const EVERY_MS = 8_000;

const TIME = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

interface Subject {
  readonly kind: 'video' | 'clip';
  readonly id: string;
}

function subjectOf(search: string): Subject | null {
  const query = new URLSearchParams(search);
  const clip = query.get('clip');
  if (clip) return { kind: 'clip', id: clip };
  const video = query.get('video');
  return video ? { kind: 'video', id: video } : null;
}

interface Log {
  readonly items: readonly Activity[];
  readonly next_cursor: string | null;
}

function ask(api: Api, { kind, id }: Subject, cursor: string | null): Promise<Log> {
  const params = { path: { id }, query: { limit: PAGE_SIZE, ...(cursor === null ? {} : { cursor }) } };
  return kind === 'clip'
    ? bodyOf(api.GET('/v1/clips/{id}/activity', { params }))
    : bodyOf(api.GET('/v1/videos/{id}/activity', { params }));
}

/** Who did what with a video or a clip, and when. */
@customElement('activity-page')
export class ActivityPage extends PageElement {
  @property({ attribute: false }) app!: App;
  @state() private log: readonly Activity[] | undefined;
  @state() private more = false;
  @state() private heading = '';
  @state() private trouble: string | null = null;
  private readonly subject = subjectOf(location.search);
  private video: string | null = null;
  private pages = 1;
  private stopPolling: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopPolling?.();
  }

  private refresh(): void {
    this.stopPolling?.();
    if (this.subject) this.stopPolling = poll(() => this.tick());
  }

  private async tick(): Promise<number> {
    const { subject } = this;
    if (!subject) return EVERY_MS;
    try {
      await Promise.all([this.load(subject), this.heading === '' ? this.loadTitle(subject) : null]);
      this.trouble = null;
    } catch (error) {
      this.trouble = sentenceOf(error);
    }
    return EVERY_MS;
  }

  private async load(subject: Subject): Promise<void> {
    const items: Activity[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < this.pages; page += 1) {
      const answer: Log = await ask(this.app.api, subject, cursor);
      items.push(...answer.items);
      cursor = answer.next_cursor;
      if (cursor === null) break;
    }
    this.log = keep(this.log, items);
    this.more = cursor !== null;
  }

  private async loadTitle({ kind, id }: Subject): Promise<void> {
    const params = { path: { id } };
    if (kind === 'video') {
      this.video = id;
      this.heading = (await bodyOf(this.app.api.GET('/v1/videos/{id}', { params }))).title;
    } else {
      const clip = await bodyOf(this.app.api.GET('/v1/clips/{id}', { params }));
      this.video = clip.video_id;
      this.heading = clip.video_title;
    }
  }

  private async showMore(): Promise<void> {
    this.pages += 1;
    await this.tick();
  }

  protected override render() {
    const { subject, log } = this;
    if (!subject) {
      return html`<div class="empty">
        <h1>Which video?</h1>
        <p>Choose a video in the library to see what was done with it.</p>
        <a class="button button-primary" href="./index.html">Library</a>
      </div>`;
    }
    return html`
      <div class="page-heading">
        <div class="activity-title">
          <p class="small">
            <a href="./index.html">Library</a>
            ${this.video === null ? nothing : html` · <a href="./grid.html?video=${this.video}">All clips</a>`}
          </p>
          <h1>${subject.kind === 'clip' ? 'Activity of a clip' : 'Activity'}</h1>
          <p class="soft" title=${this.heading}>${this.heading}</p>
        </div>
      </div>
      ${this.trouble === null
        ? nothing
        : html`<p class="notice notice-bad activity-trouble" role="alert">
            ${this.trouble}
            <button class="button button-small" type="button" @click=${() => this.refresh()}>Try again</button>
          </p>`}
      ${log === undefined
        ? this.trouble === null
          ? html`<p class="empty" role="status">Loading the activity…</p>`
          : nothing
        : this.list(log)}
    `;
  }

  private list(log: readonly Activity[]) {
    if (log.length === 0) {
      return html`<div class="empty">
        <h2>Nothing has happened yet</h2>
        <p>Decisions, edits and detections appear here.</p>
      </div>`;
    }
    return html`
      <ol class="activity">
        ${repeat(
          log,
          ({ id }) => id,
          (entry) => this.entry(entry),
        )}
      </ol>
      ${this.more
        ? html`<p class="activity-more"><button class="button" type="button" @click=${this.showMore}>Show earlier</button></p>`
        : nothing}
    `;
  }

  private entry({ at, actor_name: actor, summary, took_ms: tookMs, undone, clips, action }: Activity) {
    const only = clips.length === 1 ? clips[0] : undefined;
    return html`
      <li class="activity-entry ${undone ? 'is-undone' : ''}" data-action=${action}>
        <span class="activity-text">
          <strong>${actor}</strong> <span class="activity-summary">${summary.charAt(0).toLowerCase()}${summary.slice(1)}</span>
          ${undone ? html`<span class="tag">taken back</span>` : nothing}
        </span>
        <span class="soft small activity-facts">
          <time datetime=${at}>${TIME.format(Date.parse(at))}</time>
          ${tookMs ? html`<span>after ${took(tookMs)}</span>` : nothing}
          ${only === undefined ? nothing : html`<a href="./review.html?clip=${only}">Open the clip</a>`}
        </span>
      </li>
    `;
  }
}
