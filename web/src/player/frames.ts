// Which frame is on screen at a media time, and which time to seek to for a frame. Pure.
import type { Rational } from '../api/types';

/** A clip's frames in time: what the browser says as `mediaTime` is looked up here. */
export interface FrameTimes {
  /** Each frame's presentation time from the clip's start, in ticks of `timeBase`, ascending. */
  readonly pts: readonly number[];
  /** A tick in seconds. */
  readonly timeBase: Rational;
  /** The clip's end, in seconds. */
  readonly duration: number;
}

function seconds({ pts, timeBase }: FrameTimes, frame: number): number {
  return ((pts[frame] ?? 0) * timeBase.num) / timeBase.den;
}

/** The frame whose time is nearest: containers and browsers round times, by far less than half a frame. */
export function frameAt(times: FrameTimes, mediaTime: number): number {
  let low = 0;
  let high = times.pts.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seconds(times, middle) + seconds(times, middle + 1)) / 2 <= mediaTime) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low);
}

/** The frame shown at a position on the clock, which may lie anywhere within the frame's time. */
export function frameDuring(times: FrameTimes, position: number): number {
  const nearest = frameAt(times, position);
  // Half a tick: a position is a floating-point number.
  const early = times.timeBase.num / times.timeBase.den / 2;
  return nearest > 0 && seconds(times, nearest) > position + early ? nearest - 1 : nearest;
}

/** The middle of a frame's time: a seek to its border may land on either side. */
export function middleOf(times: FrameTimes, frame: number): number {
  const start = seconds(times, frame);
  const end = frame + 1 < times.pts.length ? seconds(times, frame + 1) : times.duration;
  return (start + Math.max(start, end)) / 2;
}
