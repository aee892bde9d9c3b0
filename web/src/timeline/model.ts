// The clips and cuts of a video as the timeline needs them. Pure.
import type { Timeline, TimelineClip, TimelineCut } from '../api/types';
import { type View, xOf } from './scale';

/** The clip that holds a frame. Clips tile their video in order, so halving finds it. */
export function clipAt(clips: readonly TimelineClip[], frame: number): TimelineClip | undefined {
  let low = 0;
  let high = clips.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const clip = clips[middle];
    if (!clip) return undefined;
    if (frame < clip.start_frame) high = middle - 1;
    else if (frame >= clip.end_frame) low = middle + 1;
    else return clip;
  }
  return undefined;
}

export interface Neighbours {
  readonly previous: TimelineClip | undefined;
  readonly next: TimelineClip | undefined;
}

/** The clips before and after a stretch of the video. */
export function neighbours(clips: readonly TimelineClip[], start: number, end: number): Neighbours {
  return { previous: clipAt(clips, start - 1), next: clipAt(clips, end) };
}

/** A cut with the clips at its sides: what moving it is about. */
export interface Border {
  readonly frame: number;
  readonly left: TimelineClip;
  readonly right: TimelineClip;
}

/** The border at a frame, if a clip starts there and another ends. */
export function borderAt(clips: readonly TimelineClip[], frame: number): Border | undefined {
  const left = clipAt(clips, frame - 1);
  const right = clipAt(clips, frame);
  return left && right && left.id !== right.id && right.start_frame === frame ? { frame, left, right } : undefined;
}

/** The border next to a place on screen, within `reach` pixels of it. */
export function borderNear(
  clips: readonly TimelineClip[],
  view: View,
  width: number,
  x: number,
  reach: number,
): Border | undefined {
  const under = clipAt(clips, Math.floor(view.start + (x / Math.max(1, width)) * (view.end - view.start)));
  const candidates = under ? [under.start_frame, under.end_frame] : [];
  const borders = candidates.flatMap((frame) => borderAt(clips, frame) ?? []);
  const far = (border: Border) => Math.abs(xOf(view, border.frame, width) - x);
  return borders.filter((border) => far(border) <= reach).toSorted((a, b) => far(a) - far(b))[0];
}

/** Where a border may go: strictly between the outer ends of its two clips. */
export function clampBorder({ left, right }: Border, to: number): number {
  return Math.min(right.end_frame - 1, Math.max(left.start_frame + 1, Math.round(to)));
}

/** The clips that the view touches. */
export function visible(clips: readonly TimelineClip[], view: View): readonly TimelineClip[] {
  return clips.filter((clip) => clip.end_frame > view.start && clip.start_frame < view.end);
}

export function cutAt(cuts: readonly TimelineCut[], frame: number): TimelineCut | undefined {
  return cuts.find((cut) => cut.frame === frame);
}

/** The timeline after an answer of the API: changed clips in place of what they cover. */
export function patched(timeline: Timeline, changed: readonly TimelineClip[]): Timeline {
  if (changed.length === 0) return timeline;
  const covered = (clip: TimelineClip) =>
    changed.some((other) => clip.start_frame < other.end_frame && other.start_frame < clip.end_frame);
  const clips = [...timeline.clips.filter((clip) => !covered(clip)), ...changed];
  return { ...timeline, clips: clips.toSorted((a, b) => a.start_frame - b.start_frame) };
}

/** Up to `each` clips on both sides of a frame, and the one it is in. */
export function strip(clips: readonly TimelineClip[], frame: number, each: number): readonly TimelineClip[] {
  const middle = clips.findIndex((clip) => frame < clip.end_frame);
  const at = middle === -1 ? clips.length - 1 : middle;
  return clips.slice(Math.max(0, at - each), at + each + 1);
}
