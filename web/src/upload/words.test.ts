import { expect, it } from 'vitest';
import type { UploadItem } from './upload';
import { percent, standing } from './words';

const ITEM: UploadItem = {
  id: 1,
  name: 'film.mp4',
  sizeBytes: 200_000_000,
  phase: 'sending',
  sentBytes: 50_000_000,
  bytesPerSecond: 2_500_000,
  secondsLeft: 60,
  retryAt: null,
  trouble: null,
  uploaded: null,
};

it.each<[Partial<UploadItem>, string]>([
  [{}, '50 MB of 200 MB · 2.5 MB/s · 1:00 left'],
  [{ bytesPerSecond: null, secondsLeft: null }, '50 MB of 200 MB'],
  [{ sentBytes: 200_000_000 }, 'Finishing · 200 MB'],
  [{ trouble: 'Heaters cannot be reached.', retryAt: 4_200 }, 'Heaters cannot be reached. Trying again in 4 s.'],
  [{ trouble: 'Heaters cannot be reached.', retryAt: 900 }, 'Heaters cannot be reached. Trying again…'],
  [{ phase: 'paused' }, 'Paused · 50 MB of 200 MB'],
  [{ phase: 'interrupted' }, 'Interrupted · 50 MB of 200 MB · choose the file again to go on'],
  [{ phase: 'queued' }, 'Waiting for its turn · 200 MB'],
  [{ phase: 'done' }, 'Uploaded · 200 MB'],
  [{ phase: 'failed', trouble: 'The file is too large.' }, 'The file is too large.'],
])('%o: %s', (part, words) => {
  expect(standing({ ...ITEM, ...part }, 1000)).toBe(words);
});

it('reaches 100 % with the last byte alone', () => {
  expect([percent(ITEM), percent({ ...ITEM, sentBytes: 199_999_999 }), percent({ ...ITEM, sentBytes: 2e8 })]).toEqual([25, 99, 100]);
});
