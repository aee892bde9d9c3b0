import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Clip } from '../api/types';
import type { ClipBroken, ClipPlayer, ClipSwiped, FrameShown, Peek, PlayerClip } from '../player/clip-player';
import '../player/clip-player';
import { PageElement } from '../shared/element';
import { isPending } from '../shared/states';
import type { App } from '../shell/app';
import type { ClipChosen, ClipTimeline, CutMoved, TimelineSeek } from '../timeline/clip-timeline';
import '../timeline/clip-timeline';
import { clipHeading } from './clip-heading';
import { commandButton } from './command-button';
import type { Command } from './commands';
import { type Place, beside, placeToLookAt } from './draft';
import './film-strip';
import './filter-dialog';
import type { FilterDialog, FiltersChosen } from './filter-dialog';
import { filtersOf, queryOf } from './filters';
import { FirstSteps } from './first-steps';
import { handlersOf } from './handlers';
import { KeyStore } from './key-store';
import { commandFor, pressOf, strideAfter } from './keys';
import './keys-dialog';
import type { KeysDialog } from './keys-dialog';
import { steadyKinds } from './kinds';
import { type Button, actions, left, noClip, notices } from './parts';
import './review-page.css';
import { ReviewSession } from './review-session';
import './save-state';
import './text-dialog';
import type { NoteWritten, TagsWritten, TextDialog } from './text-dialog';

const SWIPES = { right: 'Approve', left: 'Skip', up: 'Archive' } as const;
const SWIPE_COMMANDS = { right: 'approve', left: 'skip', up: 'archive' } as const;

/** Clip after clip, one key each. */
@customElement('review-page')
export class ReviewPage extends PageElement {
  @property({ attribute: false }) app!: App;
  private session!: ReviewSession;
  private keys!: KeyStore;
  /** How many repeats the held key has sent. */
  private repeats = 0;
  /** What a moved cut takes in beyond the clip on screen; `from` is that clip. */
  private beyond: (Place & { readonly from: string }) | null = null;
  private readonly kinds = steadyKinds();
  private readonly firstSteps = new FirstSteps();
  private readonly handlers = handlersOf({
    session: () => this.session,
    player: () => this.player,
    timeline: () => this.timeline,
    atFrame: (act) => this.atFrame(act),
    nudge: (end, frames) => this.nudge(end, frames),
    write: (kind) => this.write(kind),
    filter: () => this.querySelector<FilterDialog>('filter-dialog')?.show(),
    help: () => this.querySelector<KeysDialog>('keys-dialog')?.show(),
  });
  /** A button pressed by pointer must not keep the focus: the next Space would press it again. */
  private readonly letGo = {
    capture: true,
    handleEvent: (event: MouseEvent) => {
      const button = (event.target as Element).closest('button');
      if (event.detail > 0 && !button?.closest('dialog')) button?.blur();
    },
  };
  private readonly onKey = (event: KeyboardEvent) => this.handleKey(event);
  private readonly onBack = () => this.begin();

  override connectedCallback(): void {
    super.connectedCallback();
    this.keys = new KeyStore(() => this.requestUpdate());
    this.begin();
    document.addEventListener('keydown', this.onKey);
    window.addEventListener('popstate', this.onBack);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session.close();
    this.keys.close();
    document.removeEventListener('keydown', this.onKey);
    window.removeEventListener('popstate', this.onBack);
  }

  /** Begins the queue that the address asks for. */
  private begin(): void {
    const query = new URLSearchParams(location.search);
    const before = this.session as ReviewSession | undefined;
    before?.close();
    this.session = new ReviewSession(this.app, filtersOf(query), () => this.requestUpdate(), query.get('clip') || null);
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
    this.session.clock.pressedAt = event.timeStamp;
    this.repeats = event.repeat ? this.repeats + 1 : 0;
    this.run(command, strideAfter(this.repeats));
  }

  private run(command: Command, stride = 1): void {
    this.firstSteps.did(command);
    this.handlers[command](stride);
  }

  private write(kind: 'tags' | 'note'): void {
    const { current } = this.session;
    if (current) void this.querySelector<TextDialog>('text-dialog')?.show(kind, current);
  }

  /** The frame of the video that is on screen; playing stops there, so that it is seen what was meant. */
  private atFrame(act: (frame: number) => void): void {
    const { player, session } = this;
    const clip = session.current;
    if (!player || !clip || this.beyond || session.media.of(clip) === undefined) return;
    const frame = player.frameOnScreen;
    player.seek(frame);
    act(clip.start_frame + frame);
  }

  private nudge(end: 'start' | 'end', frames: number): void {
    this.session.nudge(end, frames);
    this.lookAtDraft();
  }

  private onCutMoved({ detail: { border, to, phase } }: CutMoved): void {
    this.session.moveCut(border, to, phase);
    this.lookAtDraft();
  }

  private lookAtDraft(): void {
    const { current, cuts } = this.session;
    if (!cuts.draft || !current) return;
    // Whichever way it goes next, the clip on the other side is there.
    this.session.media.lookAt(beside(cuts.draft, current).id);
    const place = placeToLookAt(cuts.draft, current);
    if (place.clip) {
      this.beyond = { ...place, from: current.id };
      this.player?.pause();
    } else if (this.beyond) {
      this.beyond = null;
      void this.updateComplete.then(() => this.player?.updateComplete).then(() => this.player?.seek(place.frame));
    } else {
      this.player?.seek(place.frame);
    }
  }

  protected override willUpdate(): void {
    const { beyond, session } = this;
    // What was moved stays in sight until the clip is there as it was cut.
    const lasts = session.cuts.draft !== null || session.isBeingEdited;
    if (beyond && (!lasts || session.current?.id !== beyond.from)) this.beyond = null;
    if (!lasts) session.media.lookAt(null);
  }

  private onFrame({ detail: { clipId, frame, first } }: FrameShown): void {
    const { current } = this.session;
    if (first && current?.id === clipId) this.session.shown(clipId);
    const shown = [current, this.beyond?.clip].find((clip) => clip?.id === clipId);
    if (shown) this.timeline?.showFrame(shown.start_frame + frame);
  }

  private onChosen({ detail: { id, extend } }: ClipChosen): void {
    this.session.choose(id, extend);
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
      <div class="review" @click=${this.letGo}>
        ${session.current ? this.clipView(session.current) : noClip(session, this.button)} ${notices(session)}
        ${this.message()}
        <div class="review-foot">
          <save-state .outbox=${this.app.outbox}></save-state>
          ${this.button('filter', { classes: 'button-small' })} ${this.button('help', { classes: 'button-small' })}
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

  private message() {
    const { message, current } = this.session;
    const hint = message || !current || !isPending(current) ? null : this.firstSteps.words;
    const look = message?.bad ? 'is-bad' : hint === null ? '' : 'is-hint';
    return html`<p class="review-message ${look}" role="status" aria-live="polite">${message?.text ?? hint ?? ''}</p>`;
  }

  private readonly button: Button = (command, options = {}) =>
    commandButton(command, { keys: this.keys.map, run: (chosen) => this.run(chosen), ...options });

  private get peek(): Peek | null {
    const clip = this.playerClip(this.beyond?.clip ?? undefined);
    return clip && this.beyond ? { clip, frame: this.beyond.frame } : null;
  }

  /** Why the clip, or the frame at the moved cut, is not on screen yet. */
  private get waits(): string | null {
    const { current, media } = this.session;
    const clip = this.beyond?.clip;
    if (!clip) return media.of(current) ? null : 'Loading the clip…';
    if (media.of(clip)) return null;
    const where = clip.start_frame < (current?.start_frame ?? 0) ? 'before' : 'after';
    return media.trouble(clip) ?? `Loading the clip ${where}…`;
  }

  private playerClip(clip: Pick<Clip, 'id' | 'start_frame'> | undefined): PlayerClip | undefined {
    const media = this.session.media.of(clip);
    return clip && media && { clipId: clip.id, media, startFrame: clip.start_frame };
  }

  private clipView(clip: Clip) {
    const { session } = this;
    const trouble = session.media.trouble(clip);
    return html`
      <div class="review-heading">${clipHeading(clip, session.isBeingEdited)} ${left(session)}</div>
      <div class="review-player">
        <clip-player
          .current=${this.playerClip(clip)}
          .next=${this.playerClip(session.upNext)}
          .peek=${this.peek}
          .waits=${this.waits}
          .swipes=${SWIPES}
          @frame-shown=${this.onFrame}
          @clip-broken=${({ detail }: ClipBroken) => session.media.broken(detail.clipId)}
          @clip-swiped=${({ detail }: ClipSwiped) => this.run(SWIPE_COMMANDS[detail.gesture])}
        ></clip-player>
        ${trouble === null ? nothing : this.mediaTrouble(clip, trouble)}
      </div>
      ${this.surroundings(clip)} ${actions(session, clip, this.button)}
    `;
  }

  private surroundings(clip: Clip) {
    const { session } = this;
    const { timeline, scores } = session.context;
    const own = timeline?.video === clip.video_id ? timeline : undefined;
    const kindOf = this.kinds(this.app.outbox.entries);
    const current = { id: clip.id, start: clip.start_frame, end: clip.end_frame };
    const { draft } = session.cuts;
    return html`
      <div class="review-surroundings">
        <clip-timeline
          .timeline=${own}
          .scores=${scores}
          .current=${current}
          .selected=${session.selected}
          .draft=${draft && { from: draft.border.frame, to: draft.to }}
          .kindOf=${kindOf}
          @clip-chosen=${this.onChosen}
          @timeline-seek=${this.onSeek}
          @cut-moved=${this.onCutMoved}
        ></clip-timeline>
        <film-strip
          .timeline=${own}
          .current=${current}
          .selected=${session.selected}
          .kindOf=${kindOf}
          @clip-chosen=${this.onChosen}
        ></film-strip>
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
}
