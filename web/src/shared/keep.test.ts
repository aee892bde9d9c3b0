import { expect, it } from 'vitest';
import { keep } from './keep';

it('is the very same where nothing changed', () => {
  const before = { items: [{ id: 'a', clips: { pending: 2 } }], next: null };
  expect(keep(before, structuredClone(before))).toBe(before);
});

it('keeps what did not change, wherever it moved', () => {
  const before = [{ id: 'a', n: 1 }, { id: 'b', n: 2, part: { x: 1 } }, { id: 'c', n: 3 }];
  const after = [{ id: 'z', n: 0 }, { id: 'b', n: 9, part: { x: 1 } }, { id: 'c', n: 3 }];
  const merged = keep(before, after);
  expect(merged).toEqual(after);
  expect(merged[2]).toBe(before[2]);
  expect(merged[1]?.part).toBe(before[1]?.part);
  expect(merged[1]).not.toBe(before[1]);
});

it.each([
  [{ a: 1, b: 2 }, { a: 1 }],
  [{ a: 1 }, { a: 1, b: undefined }],
  [[1, 2, 3], [1, 2]],
  [{ a: [1] }, { a: { 0: 1 } }],
  [null, { a: 1 }],
  [{ a: 1 }, null],
])('takes what is new: %j to %j', (before, after) => {
  expect(keep(before, after)).toStrictEqual(after);
});
