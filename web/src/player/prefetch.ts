
interface Held<T> {
  readonly abort: AbortController;
  readonly loading: Promise<T>;
  media?: T;
  error?: unknown;
}

/** Fetches one clip's media, and lets go of it. */
export interface MediaSource<T> {
  load(clipId: string, signal: AbortSignal): Promise<T>;
  release(media: T): void;
}

/**
 * Holds the media of the wanted clips and of no others. At most `atOnce` are fetched at a time, in the order
 * wanted, so that the next clip never waits for a later one.
 */
export class Prefetcher<T> {
  private readonly held = new Map<string, Held<T>>();
  private wanted: readonly string[] = [];

  constructor(
    private readonly source: MediaSource<T>,
    private readonly atOnce: number,
    private readonly changed: () => void,
  ) {}

  want(clipIds: readonly string[]): void {
    this.wanted = clipIds;
    for (const [clipId, held] of this.held) {
      if (!clipIds.includes(clipId)) this.drop(clipId, held);
    }
    this.fill();
  }

  media(clipId: string): T | undefined {
    return this.held.get(clipId)?.media;
  }

  error(clipId: string): unknown {
    return this.held.get(clipId)?.error;
  }

  /** Tries a failed one again. */
  retry(clipId: string): void {
    const held = this.held.get(clipId);
    if (held?.error === undefined) return;
    this.held.delete(clipId);
    this.fill();
  }

  /** Fetches one anew, since what is held does not do. */
  renew(clipId: string): void {
    const held = this.held.get(clipId);
    if (held) this.drop(clipId, held);
    this.fill();
    this.changed();
  }

  private fill(): void {
    let loading = [...this.held.values()].filter((held) => held.media === undefined && held.error === undefined).length;
    for (const clipId of this.wanted) {
      if (loading >= this.atOnce) return;
      if (this.held.has(clipId)) continue;
      this.begin(clipId);
      loading += 1;
    }
  }

  private begin(clipId: string): void {
    const abort = new AbortController();
    const held: Held<T> = { abort, loading: this.source.load(clipId, abort.signal) };
    this.held.set(clipId, held);
    held.loading
      .then(
        (media) => {
          if (abort.signal.aborted) this.source.release(media);
          else held.media = media;
        },
        (error: unknown) => (held.error = error),
      )
      .finally(() => {
        if (abort.signal.aborted) return;
        this.fill();
        this.changed();
      });
  }

  private drop(clipId: string, held: Held<T>): void {
    this.held.delete(clipId);
    held.abort.abort();
    if (held.media !== undefined) this.source.release(held.media);
  }
}
