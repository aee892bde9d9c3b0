import { expect, it } from 'vitest';
import type { VideoState } from '../api/types';
import { possible } from './what-can-be-done';

function names(state: VideoState, clips: Record<string, number> = {}): string {
  const all = Object.entries(possible({ state, clips }));
  return all.filter(([, able]) => able !== false && able !== 0).map(([name]) => name).join(' ');
}

it.each<[VideoState, string]>([
  ['ready', 'review clips redetect rename remove'],
  ['preprocessing', 'cancel rename'],
  ['preprocess_failed', 'retry rename remove'],
  ['cancelled', 'retry rename remove'],
  ['deleted', 'restore'],
])('%s: %s', (state, expected) => {
  expect(names(state, { pending_review: 3 })).toBe(expected);
});

it('offers no review where nothing waits', () => {
  expect(possible({ state: 'ready', clips: { review_approved: 2 } }).review).toBe(0);
});
