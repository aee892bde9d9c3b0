// A cut that is being moved and is not saved yet. Pure.
import type { TimelineClip } from '../api/types';
import { type Border, borderAt, clampBorder } from '../timeline/model';

export interface CutDraft {
  readonly border: Border;
  readonly to: number;
}

/** Which end of the clip on screen a cut is. */
export type End = 'start' | 'end';

interface Stretch {
  readonly start_frame: number;
  readonly end_frame: number;
}

/** The draft moved on by some frames, begun at the clip's start or end cut where there is none of that; null where no cut is. */
export function nudged(
  draft: CutDraft | null,
  clips: readonly TimelineClip[],
  shown: Stretch,
  end: End,
  frames: number,
): CutDraft | null {
  const at = end === 'start' ? shown.start_frame : shown.end_frame;
  const border = draft?.border.frame === at ? draft.border : borderAt(clips, at);
  if (!border) return null;
  const from = draft?.border.frame === at ? draft.to : at;
  return { border, to: clampBorder(border, from + frames) };
}

export function isMoved(draft: CutDraft): boolean {
  return draft.to !== draft.border.frame;
}

/** A frame of the clip on screen, or of one beside the cut that is being moved. */
export interface Place {
  /** null for the clip on screen. */
  readonly clip: TimelineClip | null;
  /** Counted from that clip's start. */
  readonly frame: number;
}

/** The clip on the other side of the cut. */
export function beside({ border }: CutDraft, shown: Stretch): TimelineClip {
  return border.left.start_frame === shown.start_frame ? border.right : border.left;
}

/** Where the frame is that shows what the draft does: a start cut's first, or the last one before an end cut. */
export function placeToLookAt({ border, to }: CutDraft, shown: Stretch): Place {
  const frame = border.frame === shown.end_frame ? to - 1 : to;
  if (frame >= shown.start_frame && frame < shown.end_frame) return { clip: null, frame: frame - shown.start_frame };
  const clip = frame < border.frame ? border.left : border.right;
  return { clip, frame: frame - clip.start_frame };
}

/** `3 frames later`. */
export function inWords({ border, to }: CutDraft): string {
  const by = to - border.frame;
  if (by === 0) return 'where it was';
  const frames = Math.abs(by) === 1 ? '1 frame' : `${Math.abs(by)} frames`;
  return `${frames} ${by > 0 ? 'later' : 'earlier'}`;
}
