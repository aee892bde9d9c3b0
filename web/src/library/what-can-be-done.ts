// What can be done with a video in its state. Pure.
import type { Video } from '../api/types';
import { canRetry, isUnderWay } from '../shared/states';

export interface Possible {
  /** How many clips wait for review; 0 where there is nothing to review. */
  readonly review: number;
  readonly clips: boolean;
  readonly retry: boolean;
  readonly cancel: boolean;
  readonly redetect: boolean;
  readonly rename: boolean;
  readonly remove: boolean;
  readonly restore: boolean;
}

export function possible({ state, clips }: Pick<Video, 'state' | 'clips'>): Possible {
  const deleted = state === 'deleted';
  const ready = state === 'ready';
  return {
    review: ready ? (clips['pending_review'] ?? 0) : 0,
    clips: ready,
    retry: canRetry(state),
    cancel: isUnderWay(state),
    redetect: ready,
    rename: !deleted,
    // A video under way is cancelled first.
    remove: !deleted && !isUnderWay(state),
    restore: deleted,
  };
}
