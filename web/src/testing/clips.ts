import type { Clip, Timeline } from '../api/types';

/** A clip for tests. */
export function clipOf(id: string, more: Partial<Clip> = {}): Clip {
  return {
    id,
    video_id: 'video',
    video_title: 'A video',
    start_frame: 0,
    end_frame: 50,
    fps: { num: 25, den: 1 },
    state: 'pending_review',
    version: 1,
    group_id: null,
    tags: [],
    note: null,
    confidence: 0.9,
    start_cut: null,
    end_cut: 'cut',
    claimed_by: null,
    failure: null,
    reviewed_at: null,
    reviewed_by: null,
    keyframe_url: null,
    ...more,
  };
}

/** A timeline for tests: clips between these frames, named `c` and their first frame. */
export function timelineOf(...frames: number[]): Timeline {
  const last = frames.at(-1) ?? 0;
  return {
    video: 'video',
    frames: last,
    fps: { num: 25, den: 1 },
    duration_seconds: last / 25,
    edit_version: 1,
    cuts: frames.slice(1, -1).map((frame) => ({
      frame,
      kind: 'cut',
      start_frame: frame,
      end_frame: frame,
      confidence: 0.9,
      origin: 'detector',
    })),
    clips: frames.slice(0, -1).map((start, at) => ({
      id: `c${start}`,
      version: 1,
      start_frame: start,
      end_frame: frames[at + 1] ?? last,
      state: 'pending_review',
      group_id: null,
    })),
    storyboard: null,
    waveform: null,
    expires_at: '2026-11-24T18:00:00Z',
  };
}
