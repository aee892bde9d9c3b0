// What of the timeline is not only painted: the cuts of the clip on screen as sliders, and all of it in words.
import { type TemplateResult, html, nothing } from 'lit';
import type { Timeline, TimelineClip } from '../api/types';
import { counted, timecode } from '../shared/format';
import type { StateKind } from '../shared/states';
import { type Border, borderAt, cutAt } from './model';
import type { Draft } from './paint';

/** Frames a key moves a cut by; ten times as many with Shift. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -25,
  PageUp: 25,
};

interface Handle {
  readonly timeline: Timeline;
  readonly name: string;
  /** Where the cut is. */
  readonly frame: number;
  readonly draft: Draft | null;
  readonly move: (border: Border, to: number) => void;
}

/** A cut as a slider; nothing where no cut is, at the video's ends. */
export function cutHandle({ timeline, name, frame, draft, move }: Handle): TemplateResult | typeof nothing {
  const border = borderAt(timeline.clips, frame);
  if (!border) return nothing;
  const at = draft?.from === frame ? draft.to : frame;
  const confidence = cutAt(timeline.cuts, frame)?.confidence;
  const sure = confidence === undefined ? '' : `, ${Math.round(confidence * 100)} % sure`;
  const onKey = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    move(border, at + step * (event.shiftKey ? 10 : 1));
  };
  return html`<div
    class="timeline-handle"
    role="slider"
    tabindex="0"
    data-frame=${at}
    title=${`${name}${sure}: drag, or use the arrow keys`}
    aria-label=${name}
    aria-orientation="horizontal"
    aria-valuemin=${border.left.start_frame + 1}
    aria-valuemax=${border.right.end_frame - 1}
    aria-valuenow=${at}
    aria-valuetext=${`${timecode(at, timeline.fps)}${sure}`}
    @keydown=${onKey}
  ></div>`;
}

/** What the picture shows, in words. */
export function summaryOf({ clips, cuts, duration_seconds: seconds }: Timeline, kindOf: (clip: TimelineClip) => StateKind): string {
  const waiting = clips.filter((clip) => kindOf(clip) === 'pending').length;
  const all = `${counted(clips.length, 'clip')} and ${counted(cuts.length, 'cut')}`;
  return `${all} in ${Math.round(seconds)} seconds, ${counted(waiting, 'clip')} to review.`;
}
