import { expect, it } from 'vitest';
import { differenceOf, marksOf } from './difference';

it('tells new cuts, gone ones, and those that stay', () => {
  expect(differenceOf([10, 20, 30], [10, 25, 30, 40])).toEqual({ added: [25, 40], removed: [20], kept: 2 });
  expect(differenceOf([], [])).toEqual({ added: [], removed: [], kept: 0 });
});

it('draws no more marks than there are places', () => {
  expect(marksOf([0, 1, 50, 99], 100, 10)).toEqual([0, 0.5, 0.9]);
  expect(marksOf(Array.from({ length: 1000 }, (_, frame) => frame), 1000, 40)).toHaveLength(40);
  expect(marksOf([], 0, 40)).toEqual([]);
});
