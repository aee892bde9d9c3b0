import type { Clip, TimelineClip } from '../api/types';
import type { MovePhase } from '../timeline/clip-timeline';
import type { Border } from '../timeline/model';
import { type CutDraft, type End, inWords, isMoved, nudged } from './draft';
import { type Plan, planMove } from './plans';

/** A cut that was moved by keys is saved after this pause. */
const SAVE_AFTER_MS = 700;

interface Host {
  perform(plan: Plan): void;
  say(text: string, bad: boolean): void;
}

/** The cut that is being moved: by keys, each press a frame, or by dragging. */
export class CutEditor {
  draft: CutDraft | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: Host) {}

  /** Moves the clip's start or end cut; it is saved after a pause. */
  nudge(clip: Clip, clips: readonly TimelineClip[], end: End, frames: number): void {
    const draft = nudged(this.draft, clips, clip, end, frames);
    if (!draft) {
      this.host.say(`This clip has no ${end} cut to move.`, true);
      return;
    }
    this.move(draft.border, draft.to, 'stepped');
  }

  /** Moves a cut: it is saved when it is let go, or a pause after a key. */
  move(border: Border, to: number, phase: MovePhase): void {
    clearTimeout(this.timer);
    if (this.draft && this.draft.border.frame !== border.frame) this.save();
    this.draft = { border, to };
    this.host.say(`The cut, ${inWords(this.draft)}.`, false);
    if (phase === 'done') this.save();
    if (phase === 'stepped') this.timer = setTimeout(() => this.save(), SAVE_AFTER_MS);
  }

  save(): void {
    const { draft } = this;
    this.forget();
    if (draft && isMoved(draft)) this.host.perform(planMove(draft));
  }

  /** Leaves the cut where it was. Gives whether it was being moved. */
  cancel(): boolean {
    if (!this.draft) return false;
    this.forget();
    this.host.say('The cut stays where it was.', false);
    return true;
  }

  forget(): void {
    clearTimeout(this.timer);
    this.draft = null;
  }
}
