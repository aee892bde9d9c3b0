// What a finger on the picture means. Pure.

export type Gesture = 'tap' | 'right' | 'left' | 'up' | null;

export interface Stroke {
  /** From where the finger came down, in CSS pixels; y grows downwards. */
  readonly dx: number;
  readonly dy: number;
  readonly milliseconds: number;
}

const TAP_PX = 10;
const TAP_MS = 350;
/** A swipe decides, so it must be meant: this far, and clearly in one direction. */
const SWIPE_PX = 72;
const STRAIGHT = 1.6;

export function gestureOf({ dx, dy, milliseconds }: Stroke): Gesture {
  const across = Math.abs(dx);
  const along = Math.abs(dy);
  if (Math.max(across, along) <= TAP_PX) return milliseconds <= TAP_MS ? 'tap' : null;
  if (across >= SWIPE_PX && across >= along * STRAIGHT) return dx > 0 ? 'right' : 'left';
  if (dy <= -SWIPE_PX && along >= across * STRAIGHT) return 'up';
  return null;
}
