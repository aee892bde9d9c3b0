import { expect, it } from 'vitest';
import { type Sample, rateOf, sampled, secondsLeft } from './rate';

function seen(...pairs: [number, number][]): readonly Sample[] {
  return pairs.reduce<readonly Sample[]>((samples, [at, bytes]) => sampled(samples, { at, bytes }), []);
}

it('is the mean over the last seconds', () => {
  const samples = seen([0, 0], [1000, 500], [2000, 4000], [9500, 11_500], [10_000, 12_000]);
  expect(rateOf(samples, 10_000)).toBe(1000);
});

it('says nothing before it can', () => {
  expect(rateOf([], 0)).toBeNull();
  expect(rateOf(seen([0, 0], [300, 900]), 300)).toBeNull();
  expect(rateOf(seen([0, 700], [3000, 700]), 3000)).toBeNull();
});

it('starts anew where bytes had to be sent again', () => {
  const samples = seen([0, 0], [1000, 5000], [2000, 2000], [4000, 6000]);
  expect(rateOf(samples, 4000)).toBe(2000);
});

it('says how long the rest takes', () => {
  expect([secondsLeft(3000, 1000), secondsLeft(3000, null), secondsLeft(3000, 0)]).toEqual([3, null, null]);
});
