// Which frames of a video the timeline shows, and where. Pure.

/** A stretch of the video, in frames; fractions are fine. */
export interface View {
  readonly start: number;
  readonly end: number;
}

/** Never closer than this many frames: a frame is then wide enough to hit. */
const FEWEST_FRAMES = 24;

export function wholeOf(frames: number): View {
  return { start: 0, end: Math.max(1, frames) };
}

export function lengthOf(view: View): number {
  return view.end - view.start;
}

/** The same length of view, moved as little as needed to lie within the video. */
function within(view: View, frames: number): View {
  const length = Math.min(lengthOf(view), Math.max(1, frames));
  const start = Math.min(Math.max(0, view.start), Math.max(1, frames) - length);
  return { start, end: start + length };
}

/** Shows `factor` times as much, keeping `anchor` (a frame) where it is on screen. */
export function zoom(view: View, factor: number, anchor: number, frames: number): View {
  const before = lengthOf(view);
  const length = Math.min(Math.max(1, frames), Math.max(Math.min(FEWEST_FRAMES, frames), before * factor));
  const share = before > 0 ? (anchor - view.start) / before : 0.5;
  const start = anchor - share * length;
  return within({ start, end: start + length }, frames);
}

export function pan(view: View, by: number, frames: number): View {
  return within({ start: view.start + by, end: view.end + by }, frames);
}

/** A clip with its neighbourhood: as much again on both sides, and no less than `seconds`' worth of frames. */
export function around(start: number, end: number, least: number, frames: number): View {
  const length = Math.max((end - start) * 3, least);
  const middle = (start + end) / 2;
  return within({ start: middle - length / 2, end: middle + length / 2 }, frames);
}

/** The view moved, no more than needed, so that this stretch is in it; as it is where the stretch is longer. */
export function follow(view: View, start: number, end: number, frames: number): View {
  const margin = Math.min(lengthOf(view) * 0.08, Math.max(0, (lengthOf(view) - (end - start)) / 2));
  if (end - start > lengthOf(view)) {
    return start > view.end || end < view.start ? pan(view, start - view.start, frames) : view;
  }
  if (start - margin < view.start) return pan(view, start - margin - view.start, frames);
  if (end + margin > view.end) return pan(view, end + margin - view.end, frames);
  return view;
}

export function xOf(view: View, frame: number, width: number): number {
  return ((frame - view.start) / lengthOf(view)) * width;
}

export function frameOf(view: View, x: number, width: number): number {
  return view.start + (x / Math.max(1, width)) * lengthOf(view);
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** Seconds between two marks of the ruler, so that there are at most `most` of them. */
export function rulerStep(seconds: number, most: number): number {
  return STEPS.find((step) => seconds / step <= most) ?? 7200;
}
