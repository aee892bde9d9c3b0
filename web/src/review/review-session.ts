import { bodyOf } from '../api/client';
import { sentenceOf } from '../api/problem';
import type { Clip, ReviewAction } from '../api/types';
import { clipsBeingEdited, clipsOf, clipsOfAction, decidedClips, isDeciding, isEdit } from '../outbox/outbox';
import { poll } from '../shared/poll';
import { isPending } from '../shared/states';
import type { App } from '../shell/app';
import { PendingCount } from '../shell/pending';
import type { MovePhase } from '../timeline/clip-timeline';
import { type Border, neighbours } from '../timeline/model';
import { Answers } from './answers';
import { Claims } from './claims';
import { CutEditor } from './cut-editor';
import { DecisionClock } from './decision-clock';
import type { End } from './draft';
import type { QueueFilters } from './filters';
import { HeldMedia } from './held-media';
import * as plans from './plans';
import * as queues from './queue';
import { VideoContext } from './video-context';
import { Watch } from './watch';

const RENEW_MS = 20_000;
/** How often a queue that runs out looks for new clips. */
const LOOK_AGAIN_MS = 5_000;

export interface Message {
  readonly text: string;
  readonly bad: boolean;
}

/** One person's way through the clips: the queue, and what was done and is on its way. */
export class ReviewSession {
  queue = queues.EMPTY_QUEUE;
  /** What happened last. */
  message: Message | null = null;
  /** Why the queue could not be loaded. */
  trouble: string | null = null;
  /** Clips of the video to group with. */
  selected: ReadonlySet<string> = new Set();
  readonly context: VideoContext;
  readonly media: HeldMedia;
  readonly cuts: CutEditor;
  readonly answers: Answers;
  readonly clock = new DecisionClock();
  /** How many clips are left. */
  readonly pending: PendingCount;
  private readonly claims: Claims;
  private loading: Promise<void> | undefined;
  private closed = false;
  /** The clip to begin with is on screen. */
  private readonly opened: Promise<void>;
  private readonly stops: (() => void)[];

  constructor(
    private readonly app: App,
    readonly filters: QueueFilters,
    private readonly changed: () => void,
    /** The clip to begin with; otherwise the queue's first. */
    first: string | null = null,
  ) {
    this.media = new HeldMedia(app.api, changed);
    this.cuts = new CutEditor(this);
    this.answers = new Answers(app, this, changed);
    this.claims = new Claims(app.api, app.page, filters);
    const watch = new Watch(app, this.claims, this);
    this.context = new VideoContext(app.api, changed, (timeline) => {
      // The neighbours are known now.
      this.media.want(this.queue, timeline.clips);
      watch.compare(timeline);
    });
    this.pending = filters.video === null ? app.pending : new PendingCount(app.api, app.outbox, filters.video);
    this.opened = first === null ? Promise.resolve() : this.open(first);
    this.stops = [
      app.outbox.onChange(changed),
      app.outbox.onSettled((settled) => this.answers.take(settled)),
      this.pending.onChange(changed),
      poll(() => watch.renew().then(() => RENEW_MS)),
      poll(() => this.lookAgain().then(() => LOOK_AGAIN_MS)),
    ];
  }

  close(): void {
    this.cuts.save();
    this.closed = true;
    for (const stop of this.stops) stop();
    this.context.close();
    // Others can have the clips at once; the next queue begins under another id.
    this.app.page.leave();
    void this.app.page.begin();
    this.media.close();
  }

  get current(): Clip | null {
    return this.queue.shown;
  }

  /** The clip that a decision about this one leads to. */
  get upNext(): Clip | undefined {
    return queues.upcoming(this.queue, 1)[0];
  }

  /** Whether the clip on screen is about to be replaced by an edit that is not saved yet. */
  get isBeingEdited(): boolean {
    return this.current !== null && clipsBeingEdited(this.app.outbox.entries).has(this.current.id);
  }

  /** Shows this clip, whatever its state. */
  async open(clipId: string): Promise<void> {
    const known = this.queue.waiting.find((clip) => clip.id === clipId);
    try {
      this.become(queues.show(this.queue, known ?? (await this.fetch(clipId))));
    } catch (error) {
      this.say(sentenceOf(error), true);
    }
  }

  /** More of the queue. One load at a time. */
  async fill(): Promise<void> {
    this.loading ??= this.load().then(
      () => (this.trouble = null),
      (error: unknown) => (this.trouble = sentenceOf(error)),
    ).then(() => {
      this.loading = undefined;
      this.changed();
    });
    await this.loading;
  }

  private async load(): Promise<void> {
    await this.opened;
    const before = decidedClips(this.app.outbox.entries);
    const { clips, ended } = await this.claims.next(this.queue.waiting.at(-1)?.id ?? null);
    const unsaved = new Set([...before, ...decidedClips(this.app.outbox.entries)]);
    this.become(queues.add(this.queue, clips, ended, unsaved));
  }

  private async lookAgain(): Promise<void> {
    if (this.queue.waiting.length < queues.REFILL_UNDER) await this.fill();
  }

  decide(kind: 'approve' | 'skip' | 'archive'): void {
    this.run((clip) => plans.planDecision(kind, clip));
  }

  group(): void {
    this.run((clip) => plans.planGroup(clip, this.context.timeline, this.selected));
    this.selected = new Set();
  }

  reopen(): void {
    this.run(plans.planReopen);
  }

  /** `frame` is of the video, as in `trim`. */
  split(frame: number): void {
    this.run((clip) => plans.planSplit(clip, frame));
  }

  merge(side: 'previous' | 'next'): void {
    this.run((clip) => plans.planMerge(clip, this.context.timeline, side));
  }

  trim(side: End, frame: number): void {
    this.run((clip) => plans.planTrim(clip, side, frame));
  }

  setTags(tags: readonly string[]): void {
    this.run((clip) => plans.planTags(clip, tags));
  }

  setNote(text: string): void {
    this.run((clip) => plans.planNote(clip, text));
  }

  nudge(end: End, frames: number): void {
    if (!this.current || this.isBeingEdited) return;
    const { timeline } = this.context;
    if (timeline) this.cuts.nudge(this.current, timeline.clips, end, frames);
    else this.say(plans.NOT_YET, true);
  }

  moveCut(border: Border, to: number, phase: MovePhase): void {
    this.cuts.move(border, to, phase);
    this.changed();
  }

  /** Takes back the latest action; its effect shows at once where this page knows it. */
  undo(): void {
    if (!this.cuts.cancel()) this.reverse('undo');
  }

  redo(): void {
    this.cuts.save();
    this.reverse('redo');
  }

  /** Shows the neighbouring clip of the video. */
  visit(direction: 'previous' | 'next'): void {
    this.cuts.save();
    const { current } = this;
    const { timeline } = this.context;
    if (!current) return;
    const clip = timeline && neighbours(timeline.clips, current.start_frame, current.end_frame)[direction];
    if (!timeline) this.say(plans.NOT_YET, true);
    else if (clip) void this.open(clip.id);
    else this.say(`This is the ${direction === 'next' ? 'last' : 'first'} clip of its video.`, false);
  }

  /** Shows a clip of the video, or adds it to those to group with. */
  choose(clipId: string, extend: boolean): void {
    if (!extend) return void this.open(clipId);
    const selected = new Set(this.selected);
    if (!selected.delete(clipId)) selected.add(clipId);
    this.selected = selected;
    const others = selected.size === 1 ? 'the chosen clip' : `the ${selected.size} chosen clips`;
    this.say(selected.size === 0 ? 'No other clip is chosen.' : `Group takes in ${others} with this one.`, false);
  }

  /** Goes on from a clip that is only looked at. */
  goOn(): void {
    this.become(queues.goOn(this.queue));
  }

  /** The first frame of the clip on screen was painted. */
  shown(clipId: string): void {
    if (this.current?.id === clipId) this.clock.shown();
  }

  say(text: string, bad: boolean): void {
    this.message = { text, bad };
    this.changed();
  }

  /** Takes in clips as an answer has them. */
  learn(clips: readonly Clip[]): void {
    this.context.patch(clips);
  }

  fetch(clipId: string): Promise<Clip> {
    return bodyOf(this.app.api.GET('/v1/clips/{id}', { params: { path: { id: clipId } } }));
  }

  become(queue: queues.ReviewQueue): void {
    // What was asked for before may be answered after.
    if (this.closed) return;
    if (queue.shown?.id !== this.current?.id) {
      this.clock.reset();
      this.cuts.forget();
    }
    if (queue.shown?.video_id !== this.current?.video_id) this.selected = new Set();
    this.queue = queue;
    this.context.use(queue.shown?.video_id ?? null);
    this.media.want(queue, this.context.timeline?.clips ?? []);
    if (queues.needsMore(queue)) void this.fill();
    this.changed();
  }

  private run(planned: (clip: Clip) => plans.Plan | plans.Refusal): void {
    this.cuts.save();
    if (!this.current) return;
    const plan = this.isBeingEdited ? { why: 'This clip is being cut. A moment.' } : planned(this.current);
    if (plans.isRefusal(plan)) this.say(plan.why, true);
    else this.perform(plan);
  }

  perform({ action, change }: plans.Plan): void {
    const requestId = this.app.outbox.act(action, this.clock.acted(isDeciding(action)), change);
    this.answers.expect(requestId);
    this.say(isEdit(action) ? 'Cutting…' : `${plans.doneWords(action.kind)}.`, false);
    if (!this.current) return;
    if (isDeciding(action)) {
      const { current } = this;
      const named = new Set(clipsOfAction(action));
      const others = this.queue.waiting.filter((clip) => clip.id !== current.id && named.has(clip.id));
      this.become(queues.decide(this.queue, { requestId, clips: [current, ...others] }));
    } else {
      this.become(queues.forgetHistory(this.foreseen(action, this.current)));
    }
  }

  /** What an action surely does to the clip on screen. */
  private foreseen(action: ReviewAction, clip: Clip): queues.ReviewQueue {
    const become = (more: Partial<Clip>) =>
      queues.settle(this.queue, { clips: [{ ...clip, ...more }], archived: [], show: 'stay' }, new Set());
    if (action.kind === 'tag') return become({ tags: action.tags });
    if (action.kind === 'note') return become({ note: action.text === '' ? null : action.text });
    return this.queue;
  }

  private reverse(kind: 'undo' | 'redo'): void {
    const { answers } = this;
    if (answers.awaiting) return;
    const isUndo = kind === 'undo';
    const known = (isUndo ? this.queue.done : this.queue.undone).at(-1);
    const clips = known?.clips.map((clip) => clip.id) ?? [];
    const waited = known?.clips.filter(isPending).length ?? 0;
    const { cancelled, requestId } = this.app.outbox.reverse(kind, clips, isUndo ? waited : -waited);
    if (!cancelled) answers.expect(requestId);
    if (known) this.become(isUndo ? queues.undo(this.queue) : queues.redo(this.queue));
    // It never left, so the clip is as the API has it.
    else if (cancelled) answers.refresh(clipsOf(cancelled));
    else answers.awaiting = kind;
    if (answers.awaiting) this.say(isUndo ? 'Undoing…' : 'Doing it again…', false);
    else this.say(isUndo ? 'Undone.' : 'Done again.', false);
  }
}
