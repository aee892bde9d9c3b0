const DECIDED = 'heaters:decided';

/** How long decisions take: from a clip's first frame to the key, and from the key to the next clip's first frame. */
export class DecisionClock {
  /** When the key that is being handled was pressed, on the clock of `performance.now`. */
  pressedAt: number | null = null;
  private shownAt: number | null = null;

  /** Another clip is on its way to the screen. */
  reset(): void {
    this.shownAt = null;
  }

  /** The first frame of the clip was painted. */
  shown(): void {
    if (this.shownAt !== null) return;
    this.shownAt = performance.now();
    if (performance.getEntriesByName(DECIDED).length === 0) return;
    performance.measure('heaters:decision-to-next-frame', DECIDED);
    performance.clearMarks(DECIDED);
  }

  /** Something is done about the clip; gives for how many milliseconds it has been on screen. */
  acted(isDecision: boolean): number {
    const took = this.shownAt === null ? 0 : performance.now() - this.shownAt;
    performance.clearMarks(DECIDED);
    if (isDecision) performance.mark(DECIDED, { startTime: this.pressedAt ?? performance.now() });
    this.pressedAt = null;
    return took;
  }
}
