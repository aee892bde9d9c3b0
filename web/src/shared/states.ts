// States in words, and what kind of state each is. The records name every state, so a new one fails the build.
import type { Clip, ClipState, VideoState } from '../api/types';

export type Tone = 'plain' | 'good' | 'bad' | 'wait';

interface Wording {
  readonly words: string;
  readonly tone: Tone;
}

const VIDEO_WORDING: Record<VideoState, Wording> = {
  new: { words: 'Waiting to start', tone: 'wait' },
  downloading: { words: 'Downloading', tone: 'wait' },
  downloaded: { words: 'Reading the file', tone: 'wait' },
  preprocessing: { words: 'Making the review copy', tone: 'wait' },
  preprocessed: { words: 'Putting it together', tone: 'wait' },
  detecting_scenes: { words: 'Looking for scenes', tone: 'wait' },
  ready: { words: 'Ready', tone: 'good' },
  download_failed: { words: 'Could not be fetched', tone: 'bad' },
  preprocess_failed: { words: 'Could not be processed', tone: 'bad' },
  detect_scenes_failed: { words: 'Scenes could not be found', tone: 'bad' },
  cancelled: { words: 'Cancelled', tone: 'plain' },
  deleted: { words: 'Deleted', tone: 'plain' },
};

const CLIP_WORDING: Record<ClipState, Wording> = {
  pending_review: { words: 'to review', tone: 'wait' },
  review_approved: { words: 'approved', tone: 'good' },
  exporting: { words: 'exporting', tone: 'good' },
  exported: { words: 'exported', tone: 'good' },
  keyframing: { words: 'taking stills', tone: 'good' },
  keyframed: { words: 'stills taken', tone: 'good' },
  embedding: { words: 'indexing', tone: 'good' },
  embedded: { words: 'searchable', tone: 'good' },
  review_skipped: { words: 'skipped', tone: 'plain' },
  review_archived: { words: 'archived', tone: 'plain' },
  export_failed: { words: 'failed to export', tone: 'bad' },
  keyframe_failed: { words: 'failed to take stills', tone: 'bad' },
  embedding_failed: { words: 'failed to index', tone: 'bad' },
  archived: { words: 'replaced by an edit', tone: 'plain' },
  withdrawn: { words: 'withdrawn', tone: 'plain' },
};

export const FAILED_CLIP_STATES = ['export_failed', 'keyframe_failed', 'embedding_failed'] as const;

const UNDER_WAY: ReadonlySet<VideoState> = new Set([
  'new',
  'downloading',
  'downloaded',
  'preprocessing',
  'preprocessed',
  'detecting_scenes',
]);

const CLIP_UNDER_WAY: ReadonlySet<ClipState> = new Set([
  'review_approved',
  'exporting',
  'exported',
  'keyframing',
  'keyframed',
  'embedding',
]);

const CAN_RETRY: ReadonlySet<VideoState> = new Set([
  'download_failed',
  'preprocess_failed',
  'detect_scenes_failed',
  'cancelled',
]);

export function videoWording(state: VideoState): Wording {
  return VIDEO_WORDING[state];
}

export function clipWording(state: ClipState): Wording {
  return CLIP_WORDING[state];
}

export function isUnderWay(state: VideoState): boolean {
  return UNDER_WAY.has(state);
}

export function canRetry(state: VideoState): boolean {
  return CAN_RETRY.has(state);
}

export function isPending(clip: Clip): boolean {
  return clip.state === 'pending_review';
}

/** How many of these clips something is still being done with. */
export function clipsUnderWay(clips: Readonly<Record<string, number>>): number {
  return [...CLIP_UNDER_WAY].reduce((sum, state) => sum + (clips[state] ?? 0), 0);
}

/** Counts by state in the order of a clip's life, empty ones left out. */
export function clipCounts(clips: Readonly<Record<string, number>>): { state: ClipState; count: number }[] {
  return (Object.keys(CLIP_WORDING) as ClipState[])
    .map((state) => ({ state, count: clips[state] ?? 0 }))
    .filter(({ count }) => count > 0);
}

/** The few kinds of state that a reviewer tells apart at a glance, by colour and by shape. */
export type StateKind = 'pending' | 'good' | 'skipped' | 'archived' | 'bad';

export function stateKind(state: ClipState): StateKind {
  if (state === 'pending_review') return 'pending';
  if (state === 'review_skipped') return 'skipped';
  if (CLIP_WORDING[state].tone === 'good') return 'good';
  return CLIP_WORDING[state].tone === 'bad' ? 'bad' : 'archived';
}
