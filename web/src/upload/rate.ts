// How fast bytes leave. Pure.

export interface Sample {
  /** Milliseconds. */
  readonly at: number;
  readonly bytes: number;
}

const WINDOW_MS = 8_000;
const LEAST_MS = 1_000;

/** The samples with a new one, older than the window left out. Bytes that went back start anew. */
export function sampled(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && sample.bytes < last.bytes) return [sample];
  const kept = samples.filter(({ at }) => sample.at - at <= WINDOW_MS);
  return [...kept, sample];
}

/** Bytes a second, or null while too little has been seen to say. */
export function rateOf(samples: readonly Sample[], now: number): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || now - first.at < LEAST_MS || last.bytes <= first.bytes) return null;
  return ((last.bytes - first.bytes) * 1000) / (now - first.at);
}

export function secondsLeft(leftBytes: number, rate: number | null): number | null {
  return rate === null || rate <= 0 ? null : leftBytes / rate;
}
