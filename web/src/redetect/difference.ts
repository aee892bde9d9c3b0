// What another detection changes. Pure.

export interface Difference {
  /** Frames where a cut would be made, and where one would go. */
  readonly added: readonly number[];
  readonly removed: readonly number[];
  readonly kept: number;
}

export function differenceOf(now: readonly number[], after: readonly number[]): Difference {
  const before = new Set(now);
  const then = new Set(after);
  return {
    added: after.filter((frame) => !before.has(frame)),
    removed: now.filter((frame) => !then.has(frame)),
    kept: now.filter((frame) => then.has(frame)).length,
  };
}

/** Frames that fall into the same place of a strip so many places wide are one mark there. 0..1 of the video. */
export function marksOf(frames: readonly number[], total: number, places: number): readonly number[] {
  const taken = new Set(frames.map((frame) => Math.floor((frame / Math.max(1, total)) * places)));
  return [...taken].sort((one, other) => one - other).map((place) => place / places);
}
