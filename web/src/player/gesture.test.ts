import { expect, it } from 'vitest';
import { gestureOf } from './gesture';

it.each([
  [0, 0, 80, 'tap'],
  [6, -8, 200, 'tap'],
  [0, 0, 900, null],
  [120, 10, 200, 'right'],
  [-90, 30, 200, 'left'],
  [10, -140, 300, 'up'],
  [10, 140, 300, null],
  [40, 0, 200, null],
  [100, 90, 200, null],
])('a stroke of %d, %d in %d ms is %s', (dx, dy, milliseconds, gesture) => {
  expect(gestureOf({ dx, dy, milliseconds })).toBe(gesture);
});
