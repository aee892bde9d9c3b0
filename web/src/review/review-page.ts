import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Clip } from '../api/types';
import type { ClipBroken, ClipPlayer, ClipSwiped, FrameShown, PlayerClip } from '../player/clip-player';
import '../player/clip-player';
import { PageElement } from '../shared/element';
import { count } from '../shared/format';
import { isPending } from '../shared/states';
import type { App } from '../shell/app';
import type { ClipChosen, ClipTimeline, CutMoved, TimelineSeek } from '../timeline/clip-timeline';
import '../timeline/clip-timeline';
import { clipHeading } from './clip-heading';
import { commandButton } from './command-button';
import { type Command, SPEEDS } from './commands';
import { frameToLookAt } from './draft';
import './film-strip';
import './filter-dialog';
import type { FilterDialog, FiltersChosen } from './filter-dialog';
import { described, filtersOf, isFiltered, queryOf } from './filters';
import { KeyStore } from './key-store';
import { commandFor, pressOf, strideAfter } from './keys';
import './keys-dialog';
import type { KeysDialog } from './keys-dialog';
import { kindsOf } from './kinds';
import './review-page.css';
import { ReviewSession } from './review-session';
import './save-state';
import './text-dialog';
import type { NoteWritten, TagsWritten, TextDialog } from './text-dialog';

const SWIPES = { right: 'Approve', left: 'Skip', up: 'Archive' } as const;
const SWIPE_COMMANDS = { right: 'approve', left: 'skip', up: 'archive' } as const;

const EDITS: readonly Command[] = [
  'split',
  'merge-previous',
  'merge-next',
  'trim-start',
  'trim-end',
  'start-earlier',
  'start-later',
  'end-earlier',
  'end-later',
];

/** Clip after clip, one key each. */
@customElement('review-page')
export class ReviewPage extends PageElement {
  @property({ attribute: false }) app!: App;
  private session!: ReviewSession;
  private keys!: KeyStore;
  /** How many repeats the held key has sent. */
  private repeats = 0;
  private readonly onKey = (event: KeyboardEvent) => this.handleKey(event);
  private readonly onLeave = () => this.session.release();
  private readonly onBack = () => this.begin();

  override connectedCallback(): void {
    super.connectedCallback();
    this.keys = new KeyStore(() => this.requestUpdate());
    this.begin();
    document.addEventListener('keydown', this.onKey);
    window.addEventListener('pagehide', this.onLeave);
    window.addEventListener('popstate', this.onBack);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session.close();
    this.keys.close();
    document.removeEventListener('keydown', this.onKey);
    window.removeEventListener('pagehide', this.onLeave);
    window.removeEventListener('popstate', this.onBack);
  }

  /** Begins the queue that the address asks for. */
  private begin(): void {
    const query = new URLSearchParams(location.search);
    const before = this.session as ReviewSession | undefined;
    before?.close();
    this.session = new ReviewSession(this.app, filtersOf(query), () => this.requestUpdate());
    const clip = query.get('clip');
    if (clip) void this.session.open(clip);
    this.requestUpdate();
  }

  private get player(): ClipPlayer | null {
    return this.querySelector('clip-player');
  }

  private get timeline(): ClipTimeline | null {
    return this.querySelector('clip-timeline');
  }

  private handleKey(event: KeyboardEvent): void {
    if (this.querySelector('dialog[open]')) return;
    if (event.key === 'Escape' && this.session.cuts.cancel()) return;
    const command = commandFor(pressOf(event), this.keys.map);
    if (!command) return;
    event.preventDefault();
    this.repeats = event.repeat ? this.repeats + 1 : 0;
    this.run(command, strideAfter(this.repeats));
  }

  private run(command: Command, stride = 1): void {
    const { session, player } = this;
    switch (command) {
      case 'approve':
      case 'skip':
      case 'archive':
        return session.decide(command);
      case 'group':
        return session.group();
      case 'reopen':
        return session.reopen();
      case 'undo':
        return session.undo();
      case 'redo':
        return session.redo();
      case 'tag':
        return this.write('tags');
      case 'note':
        return this.write('note');
      case 'split':
        return this.atFrame((frame) => session.split(frame));
      case 'merge-previous':
        return session.merge('previous');
      case 'merge-next':
        return session.merge('next');
      case 'trim-start':
        return this.atFrame((frame) => session.trim('start', frame));
      case 'trim-end':
        return this.atFrame((frame) => session.trim('end', frame));
      case 'start-earlier':
        return this.nudge('start', -stride);
      case 'start-later':
        return this.nudge('start', stride);
      case 'end-earlier':
        return this.nudge('end', -stride);
      case 'end-later':
        return this.nudge('end', stride);
      case 'toggle':
        return player?.toggle();
      case 'back':
        return player?.step(-stride);
      case 'forward':
        return player?.step(stride);
      case 'back-ten':
        return player?.step(-10 * stride);
      case 'forward-ten':
        return player?.step(10 * stride);
      case 'first':
        return player?.seek(0);
      case 'last':
        return player?.seek(Infinity);
      case 'speed-1':
      case 'speed-2':
      case 'speed-3':
      case 'speed-4':
        return this.speed(SPEEDS[command]);
      case 'sound':
        return player?.toggleSound();
      case 'previous':
      case 'next':
        return session.visit(command);
      case 'zoom-in':
        return this.timeline?.zoomBy(1);
      case 'zoom-out':
        return this.timeline?.zoomBy(-1);
      case 'filter':
        return this.querySelector<FilterDialog>('filter-dialog')?.show();
      case 'help':
        return this.querySelector<KeysDialog>('keys-dialog')?.show();
    }
  }

  private speed(speed: number): void {
    this.player?.setSpeed(speed);
    this.session.say(`Speed ${speed}×.`, false);
  }

  private write(kind: 'tags' | 'note'): void {
    const { current } = this.session;
    if (current) void this.querySelector<TextDialog>('text-dialog')?.show(kind, current);
  }

  /** The frame of the video that is on screen; playing stops there, so that it is seen what was meant. */
  private atFrame(act: (frame: number) => void): void {
    const { player, session } = this;
    const clip = session.current;
    if (!player || !clip || session.media.of(clip) === undefined) return;
    const frame = player.frameOnScreen;
    player.seek(frame);
    act(clip.start_frame + frame);
  }

  private nudge(end: 'start' | 'end', frames: number): void {
    this.session.nudge(end, frames);
    this.lookAtDraft();
  }

  private onCutMoved({ detail: { border, to, done } }: CutMoved): void {
    this.session.moveCut(border, to, done);
    this.lookAtDraft();
  }

  private lookAtDraft(): void {
    const { current, cuts } = this.session;
    const frame = cuts.draft && current && frameToLookAt(cuts.draft, current);
    if (frame !== null) this.player?.seek(frame);
  }

  private onFrame({ detail: { clipId, frame, first } }: FrameShown): void {
    const { current } = this.session;
    if (current?.id !== clipId) return;
    if (first) this.session.shown(clipId);
    this.timeline?.showFrame(current.start_frame + frame);
  }

  private onSeek({ detail: { frame } }: TimelineSeek): void {
    const { current } = this.session;
    if (current) this.player?.seek(frame - current.start_frame);
  }

  private onFilters({ detail }: FiltersChosen): void {
    const query = queryOf(detail).toString();
    history.pushState(null, '', location.pathname + (query === '' ? '' : `?${query}`));
    this.begin();
  }

  protected override updated(): void {
    const { session } = this;
    // While the first queue is loading, the address still says which clip was asked for.
    if (!session.current && !session.queue.loaded) return;
    const query = queryOf(session.filters);
    if (session.current) query.set('clip', session.current.id);
    const search = query.size > 0 ? `?${query.toString()}` : '';
    if (search !== location.search) history.replaceState(null, '', location.pathname + search);
  }

  protected override render() {
    const { session } = this;
    return html`
      <div class="review">
        ${session.current ? this.clipView(session.current) : this.noClip()} ${this.notices()}
        <div class="review-foot">
          <p class="review-message ${session.message?.bad ? 'is-bad' : ''}" role="status" aria-live="polite">
            ${session.message?.text ?? ''}
          </p>
          <save-state .outbox=${this.app.outbox}></save-state>
          ${this.button('filter', 'button-small')} ${this.button('help', 'button-small')}
        </div>
        <keys-dialog .store=${this.keys} .map=${this.keys.map}></keys-dialog>
        <filter-dialog .api=${this.app.api} .filters=${session.filters} @filters-chosen=${this.onFilters}></filter-dialog>
        <text-dialog
          .api=${this.app.api}
          @tags-written=${({ detail }: TagsWritten) => session.setTags(detail)}
          @note-written=${({ detail }: NoteWritten) => session.setNote(detail)}
        ></text-dialog>
      </div>
    `;
  }

  private button(command: Command, classes = '', disabled = false, title?: string) {
    const run = (chosen: Command) => this.run(chosen);
    return commandButton(command, { keys: this.keys.map, run, disabled, classes, ...(title === undefined ? {} : { title }) });
  }

  private playerClip(clip: Clip | undefined): PlayerClip | undefined {
    const media = this.session.media.of(clip);
    return clip && media && { clipId: clip.id, media, startFrame: clip.start_frame };
  }

  private clipView(clip: Clip) {
    const { session } = this;
    const trouble = session.media.trouble(clip);
    return html`
      <div class="review-heading">${clipHeading(clip, session.isBeingEdited)} ${this.left()}</div>
      <div class="review-player">
        <clip-player
          .current=${this.playerClip(clip)}
          .next=${this.playerClip(session.upNext)}
          .swipes=${SWIPES}
          @frame-shown=${this.onFrame}
          @clip-broken=${({ detail }: ClipBroken) => session.media.broken(detail.clipId)}
          @clip-swiped=${({ detail }: ClipSwiped) => this.run(SWIPE_COMMANDS[detail.gesture])}
        ></clip-player>
        ${trouble === null ? nothing : this.mediaTrouble(clip, trouble)}
      </div>
      ${this.surroundings(clip)} ${this.actions(clip)}
    `;
  }

  private surroundings(clip: Clip) {
    const { session } = this;
    const { timeline, scores } = session.context;
    const own = timeline?.video === clip.video_id ? timeline : undefined;
    const kindOf = kindsOf(this.app.outbox.entries);
    const current = { id: clip.id, start: clip.start_frame, end: clip.end_frame };
    const { draft } = session.cuts;
    return html`
      <div class="review-surroundings" @clip-chosen=${({ detail }: ClipChosen) => session.choose(detail.id, detail.extend)}>
        <clip-timeline
          .timeline=${own}
          .scores=${scores}
          .current=${current}
          .selected=${session.selected}
          .draft=${draft && { from: draft.border.frame, to: draft.to }}
          .kindOf=${kindOf}
          @timeline-seek=${this.onSeek}
          @cut-moved=${this.onCutMoved}
        ></clip-timeline>
        <film-strip .timeline=${own} .current=${current} .selected=${session.selected} .kindOf=${kindOf}></film-strip>
      </div>
    `;
  }

  private left() {
    const { session } = this;
    const left = session.pending.left;
    const words = described(session.filters, session.current?.video_title ?? null);
    return html`
      <div class="review-left">
        <p><strong class="figures" data-left>${left === null ? '…' : count(left)}</strong> <span class="soft">left</span></p>
        ${left === null
          ? nothing
          : html`<progress
              max=${Math.max(1, left + session.queue.count)}
              .value=${session.queue.count}
              aria-label="Done in this visit"
            ></progress>`}
        ${words.length === 0
          ? nothing
          : html`<p class="small" data-filters>Only ${words.join(', ')}. <a href="./review.html">Review all</a></p>`}
      </div>
    `;
  }

  private mediaTrouble(clip: Clip, sentence: string) {
    return html`
      <div class="review-trouble" role="alert">
        <p>${sentence}</p>
        <button class="button" type="button" @click=${() => this.session.media.retry(clip)}>Try again</button>
      </div>
    `;
  }

  private actions(clip: Clip) {
    const { session } = this;
    const busy = session.isBeingEdited;
    const waits = isPending(clip);
    const reversing = session.awaiting !== null;
    const decide = (['approve', 'skip', 'archive', 'group'] as const).map((command) =>
      this.button(command, '', busy || (!waits && command !== 'group'), command === 'group' ? this.groupTitle() : undefined),
    );
    return html`
      <div class="review-actions" role="group" aria-label="Decide">
        ${waits ? decide : html`${this.button('reopen', 'button-primary', busy)} ${this.goOn()}`}
        ${this.button('undo', '', reversing)} ${this.button('redo', '', reversing)}
      </div>
      <div class="review-edits" role="group" aria-label="Cut and describe">
        ${EDITS.map((command) => this.button(command, 'button-small', busy))} ${this.button('tag', 'button-small')}
        ${this.button('note', 'button-small')}
      </div>
    `;
  }

  private groupTitle(): string {
    const { size } = this.session.selected;
    return size === 0 ? 'Group' : `Group ${size + 1}`;
  }

  private goOn() {
    return html`<button class="button" type="button" @click=${() => this.session.goOn()}>Go on reviewing</button>`;
  }

  private notices() {
    const { session } = this;
    if (session.notices.length === 0) return nothing;
    return html`
      <ul class="review-notices">
        ${session.notices.map(
          (notice) => html`
            <li class="notice notice-bad" role="alert">
              <span><strong>${notice.what}</strong> ${notice.sentence}</span>
              <span class="review-choices">
                ${notice.clip === null || notice.clip === session.current?.id
                  ? nothing
                  : html`<button class="button button-small" type="button" @click=${() => session.open(notice.clip ?? '')}>
                      Show the clip
                    </button>`}
                <button class="button button-small" type="button" @click=${() => session.dismiss(notice)}>Dismiss</button>
              </span>
            </li>
          `,
        )}
      </ul>
    `;
  }

  private noClip() {
    const { session } = this;
    if (session.trouble !== null) {
      return html`
        <div class="empty" role="alert">
          <h1>The queue could not be loaded</h1>
          <p>${session.trouble}</p>
          <button class="button" type="button" @click=${() => session.fill()}>Try again</button>
        </div>
      `;
    }
    if (!session.queue.loaded) return html`<p class="empty" role="status">Loading clips…</p>`;
    const filtered = isFiltered(session.filters);
    return html`
      <div class="empty">
        <h1>${session.queue.count > 0 ? 'That was the last one' : 'Nothing to review'}</h1>
        <p>
          ${filtered
            ? `No other clip fits: ${described(session.filters, null).join(', ')}.`
            : 'New clips appear here by themselves as soon as a video is ready.'}
        </p>
        <div class="review-choices">
          ${this.button('undo', '', session.awaiting !== null)}
          ${filtered
            ? html`<a class="button button-primary" href="./review.html">Review all clips</a>`
            : html`<a class="button" href="./review.html?state=review_skipped">Look at skipped clips</a>
                <a class="button" href="./index.html">Library</a>`}
        </div>
      </div>
    `;
  }
}
