import type { Clip } from '../api/types';

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
    failure: null,
    reviewed_at: null,
    reviewed_by: null,
    keyframe_url: null,
    ...more,
  };
}
