import { expect, it } from 'vitest';
import { NOTHING, all, at, extended, none, only, present, stepped, toggled } from './selection';

const ORDER = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const chosen = (selection: { chosen: ReadonlySet<string> }) => [...selection.chosen].join('');

it('chooses one, adds and takes away', () => {
  const two = toggled(only('b'), 'd');
  expect([chosen(two), two.anchor, two.current]).toEqual(['bd', 'd', 'd']);
  expect(chosen(toggled(two, 'b'))).toBe('d');
  expect(chosen(none(two))).toBe('');
  expect(chosen(all(two, ORDER))).toBe('abcdefg');
});

it('extends from the anchor in both directions, and shrinks again', () => {
  const down = extended(only('c'), ORDER, 'f');
  expect(chosen(down)).toBe('cdef');
  expect(chosen(extended(down, ORDER, 'd'))).toBe('cd');
  expect(chosen(extended(down, ORDER, 'a'))).toBe('abc');
  expect(chosen(extended(NOTHING, ORDER, 'e'))).toBe('e');
  expect(chosen(extended(at(only('f'), 'a'), ORDER, 'c'))).toBe('abc');
  expect(chosen(extended(only('gone'), ORDER, 'e'))).toBe('e');
});

it('lets go of what is no longer there', () => {
  const three = extended(only('b'), ORDER, 'd');
  const left = ['a', 'd', 'e'];
  expect(present(three, ORDER, left)).toEqual({ chosen: new Set(['d']), anchor: 'd', current: 'd' });
  expect(present(only('g'), ORDER, left)).toEqual({ chosen: new Set(), anchor: 'e', current: 'e' });
  expect(present(only('g'), ORDER, [])).toEqual(NOTHING);
  expect(present(three, ORDER, ORDER)).toBe(three);
});

it.each([
  ['b', 'ArrowRight', 'c'],
  ['a', 'ArrowLeft', 'a'],
  ['b', 'ArrowDown', 'e'],
  ['f', 'ArrowDown', 'f'],
  ['f', 'ArrowUp', 'c'],
  ['b', 'ArrowUp', 'b'],
  ['b', 'End', 'g'],
  ['b', 'Home', 'a'],
  ['c', 'PageDown', 'g'],
  [null, 'ArrowRight', 'a'],
] as const)('from %s, %s leads to %s in rows of three', (current, key, to) => {
  expect(stepped(ORDER, current, key, 3)).toBe(to);
});
