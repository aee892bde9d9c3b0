import { type Api, bodyOf } from '../api/client';
import type { Clip, Scores, Timeline } from '../api/types';
import { keep } from '../shared/keep';
import { poll } from '../shared/poll';
import { patched } from '../timeline/model';

const EVERY_MS = 3_000;
const BUCKETS = 2_000;

/** What surrounds the clip on screen: its video's timeline, kept up to date, and the detector's scores. */
export class VideoContext {
  timeline: Timeline | undefined;
  scores: Scores | null = null;
  private video: string | null = null;
  private stop: (() => void) | undefined;

  constructor(
    private readonly api: Api,
    private readonly changed: () => void,
    /** A newer timeline came from the API. */
    private readonly arrived: (timeline: Timeline) => void,
  ) {}

  /** Looks at this video from now on. */
  use(video: string | null): void {
    if (video === this.video) return;
    this.close();
    this.video = video;
    this.timeline = undefined;
    this.scores = null;
    if (video === null) return;
    this.stop = poll(async () => {
      await this.load(video);
      return EVERY_MS;
    });
    void this.loadScores(video);
  }

  close(): void {
    this.stop?.();
    this.stop = undefined;
    this.video = null;
  }

  /** Takes in what an answer changed, before the next look at the API. */
  patch(clips: readonly Clip[]): void {
    if (!this.timeline) return;
    const own = clips.filter((clip) => clip.video_id === this.timeline?.video);
    this.timeline = patched(this.timeline, own);
    if (own.length > 0 && this.video !== null) void this.load(this.video);
  }

  private async load(video: string): Promise<void> {
    try {
      const timeline = await bodyOf(this.api.GET('/v1/videos/{id}/timeline', { params: { path: { id: video } } }));
      if (this.video !== video) return;
      const before = this.timeline;
      this.timeline = keep(before, timeline);
      if (this.timeline === before) return;
      this.arrived(this.timeline);
      this.changed();
    } catch {
      // The review goes on without; the next look may find it.
    }
  }

  private async loadScores(video: string): Promise<void> {
    try {
      const params = { path: { id: video }, query: { buckets: BUCKETS } };
      const scores = await bodyOf(this.api.GET('/v1/videos/{id}/scores', { params }));
      if (this.video !== video) return;
      this.scores = scores;
      this.changed();
    } catch {
      // The timeline is drawn without the curve.
    }
  }
}
