import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Clip, ReviewAction } from '../api/types';
import type { ClipPlayer, ClipShown, PlayerClip } from '../player/clip-player';
import '../player/clip-player';
import { PageElement } from '../shared/element';
import { count, counted, duration, framesPerSecond, timecode } from '../shared/format';
import { poll } from '../shared/poll';
import { clipWording, isPending } from '../shared/states';
import type { App } from '../shell/app';
import { type Command, commandOf } from './keys';
import './keys-dialog';
import type { KeysDialog } from './keys-dialog';
import type { ClipMedia } from '../player/media';
import './review-page.css';
import { ReviewSession } from './review-session';
import './save-state';

/** How often an empty queue looks for new clips. */
const LOOK_AGAIN_MS = 5_000;

const ACTIONS: readonly { action: ReviewAction; title: string; key: string }[] = [
  { action: 'approve', title: 'Approve', key: 'A' },
  { action: 'skip', title: 'Skip', key: 'S' },
  { action: 'archive', title: 'Archive', key: 'X' },
];

function playerClip(clip: Clip | undefined, media: ClipMedia | undefined): PlayerClip | undefined {
  if (!clip || !media) return undefined;
  const { frames, fps } = media.playback;
  return { clipId: clip.id, url: media.url, frames, fps, startFrame: clip.start_frame };
}

/** Clip after clip, one key each. */
@customElement('review-page')
export class ReviewPage extends PageElement {
  @property({ attribute: false }) app!: App;
  private session!: ReviewSession;
  private video: string | null = null;
  private stopPolling: (() => void) | undefined;
  private readonly onKey = (event: KeyboardEvent) => this.handleKey(event);

  override connectedCallback(): void {
    super.connectedCallback();
    const query = new URLSearchParams(location.search);
    // An empty value is a link somebody cut short: it means none.
    this.video = query.get('video') || null;
    this.session = new ReviewSession(this.app, this.video, () => this.requestUpdate());
    const clip = query.get('clip');
    if (clip) void this.session.open(clip);
    this.stopPolling = poll(async () => {
      if (!this.session.current) await this.session.reload();
      return LOOK_AGAIN_MS;
    });
    document.addEventListener('keydown', this.onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopPolling?.();
    this.session.close();
    document.removeEventListener('keydown', this.onKey);
  }

  /** How many clips were decided in this visit. */
  private get done(): number {
    return this.session.queue.decided.length;
  }

  private get player(): ClipPlayer | null {
    return this.querySelector('clip-player');
  }

  private get keysDialog(): KeysDialog | null {
    return this.querySelector('keys-dialog');
  }

  private handleKey(event: KeyboardEvent): void {
    if (this.keysDialog?.open) return;
    const command = commandOf(event);
    if (!command) return;
    event.preventDefault();
    this.run(command);
  }

  private run(command: Command): void {
    switch (command) {
      case 'undo':
        this.session.undo();
        break;
      case 'toggle':
        this.player?.toggle();
        break;
      case 'back':
        this.player?.step(-1);
        break;
      case 'forward':
        this.player?.step(1);
        break;
      case 'help':
        this.keysDialog?.show();
        break;
      default:
        this.session.decide(command);
    }
  }

  /** A button pressed by pointer must not keep the focus: the next Space would press it again. */
  private press(event: MouseEvent, command: Command): void {
    if (event.detail > 0) (event.currentTarget as HTMLElement).blur();
    this.run(command);
  }

  protected override updated(): void {
    const query = new URLSearchParams();
    if (this.video !== null) query.set('video', this.video);
    const clip = this.session.current;
    if (clip) query.set('clip', clip.id);
    // While the first queue is loading, the address still says which clip was asked for.
    if (!clip && !this.session.queue.loaded) return;
    const search = query.size > 0 ? `?${query.toString()}` : '';
    if (search !== location.search) history.replaceState(null, '', location.pathname + search);
  }

  protected override render() {
    const { session } = this;
    const clip = session.current;
    return html`
      <div class="review">
        ${clip ? this.clipView(clip) : this.noClip()}
        <p class="review-message ${session.message?.bad ? 'is-bad' : ''}" role="status" aria-live="polite">
          ${session.message?.text ?? ''}
        </p>
        <div class="review-tools">
          <save-state .outbox=${this.app.outbox}></save-state>
          <button class="button button-small" type="button" @click=${(event: MouseEvent) => this.press(event, 'help')}>
            Keys <kbd aria-hidden="true">?</kbd>
          </button>
        </div>
        <keys-dialog></keys-dialog>
      </div>
    `;
  }

  private clipView(clip: Clip) {
    const next = this.session.queue.waiting[1];
    const trouble = this.session.mediaTrouble(clip);
    return html`
      ${this.heading(clip)}
      <div class="review-player">
        <clip-player
          .current=${playerClip(clip, this.session.mediaOf(clip))}
          .next=${playerClip(next, this.session.mediaOf(next))}
          @clip-shown=${(event: ClipShown) => this.session.shown(event.detail.clipId)}
        ></clip-player>
        ${trouble === null ? nothing : this.mediaTrouble(clip, trouble)}
      </div>
      ${this.actions(clip)}
    `;
  }

  private heading(clip: Clip) {
    const frames = clip.end_frame - clip.start_frame;
    const { words, tone } = clipWording(clip.state);
    const waits = isPending(clip);
    return html`
      <div class="review-heading">
        <div>
          <h1>${clip.video_title}</h1>
          <p class="soft small">
            <span class="figures">${timecode(clip.start_frame, clip.fps)}</span>, ${counted(frames, 'frame')},
            ${duration(frames / framesPerSecond(clip.fps))}
            ${waits ? nothing : html`<span class="tag tag-${tone}">Already ${words}</span>`}
          </p>
        </div>
        ${this.left()}
      </div>
    `;
  }

  private left() {
    const left = this.session.pending.left;
    return html`
      <div class="review-left">
        <p><strong class="figures" data-left>${left === null ? '…' : count(left)}</strong> <span class="soft">left</span></p>
        ${left === null
          ? nothing
          : html`<progress max=${Math.max(1, left + this.done)} .value=${this.done} aria-label="Done in this visit"></progress>`}
        ${this.video === null
          ? nothing
          : html`<p class="small">This video only. <a href="./review.html">Review all</a></p>`}
      </div>
    `;
  }

  private mediaTrouble(clip: Clip, sentence: string) {
    return html`
      <div class="review-trouble" role="alert">
        <p>${sentence}</p>
        <button class="button" type="button" @click=${() => this.session.retryMedia(clip)}>Try again</button>
      </div>
    `;
  }

  private actions(clip: Clip) {
    const waits = isPending(clip);
    return html`
      <div class="review-actions" role="group" aria-label="Decide">
        ${ACTIONS.map(
          ({ action, title, key }) => html`
            <button
              class="button action-${action}"
              type="button"
              ?disabled=${!waits}
              aria-keyshortcuts=${key}
              @click=${(event: MouseEvent) => this.press(event, action)}
            >
              ${title} <kbd aria-hidden="true">${key}</kbd>
            </button>
          `,
        )}
        ${this.undoButton()}
        ${waits
          ? nothing
          : html`<button class="button button-primary" type="button" @click=${() => this.session.goOn()}>
              Go on reviewing
            </button>`}
      </div>
    `;
  }

  private undoButton() {
    return html`
      <button
        class="button action-undo"
        type="button"
        ?disabled=${this.session.awaitingUndo}
        aria-keyshortcuts="U Control+Z Meta+Z"
        @click=${(event: MouseEvent) => this.press(event, 'undo')}
      >
        Undo <kbd aria-hidden="true">U</kbd>
      </button>
    `;
  }

  private noClip() {
    const { session } = this;
    if (session.trouble !== null) {
      return html`
        <div class="empty" role="alert">
          <h1>The queue could not be loaded</h1>
          <p>${session.trouble}</p>
          <button class="button" type="button" @click=${() => session.reload()}>Try again</button>
        </div>
      `;
    }
    if (!session.queue.loaded) return html`<p class="empty" role="status">Loading clips…</p>`;
    return html`
      <div class="empty">
        <h1>${this.done > 0 ? 'That was the last one' : 'Nothing to review'}</h1>
        <p>
          ${this.video === null
            ? 'New clips appear here by themselves as soon as a video is ready.'
            : 'Every clip of this video is decided.'}
        </p>
        <div class="review-choices">
          ${this.undoButton()}
          ${this.video === null
            ? html`<a class="button" href="./index.html">Library</a>`
            : html`<a class="button button-primary" href="./review.html">Review all videos</a>`}
        </div>
      </div>
    `;
  }
}
