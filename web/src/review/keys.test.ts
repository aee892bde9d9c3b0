import { expect, it } from 'vitest';
import { type KeyPress, commandFor } from './keys';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrl: false,
  meta: false,
  alt: false,
  shift: false,
  repeat: false,
  focus: 'page',
  ...more,
});

it.each([
  ['a', 'approve'],
  ['S', 'skip'],
  ['x', 'archive'],
  ['u', 'undo'],
  [' ', 'toggle'],
  ['ArrowLeft', 'back'],
  ['ArrowRight', 'forward'],
])('%j means %s', (key, command) => {
  expect(commandFor(press(key))).toBe(command);
});

it('takes the usual undo keys of every system, and only those', () => {
  expect(commandFor(press('z', { ctrl: true }))).toBe('undo');
  expect(commandFor(press('z', { meta: true }))).toBe('undo');
  expect(commandFor(press('Z', { ctrl: true, shift: true }))).toBeNull();
  expect(commandFor(press('z'))).toBeNull();
});

it('shows the keys for ?, which needs shift on many keyboards', () => {
  expect(commandFor(press('?', { shift: true }))).toBe('help');
});

it.each(['ctrl', 'meta', 'alt', 'shift'] as const)('leaves letters with %s to the browser', (modifier) => {
  expect(commandFor(press('a', { [modifier]: true }))).toBeNull();
});

it('leaves every key to somebody who types', () => {
  for (const key of ['a', ' ', '?', 'ArrowLeft', 'u']) expect(commandFor(press(key, { focus: 'text' }))).toBeNull();
});

it('leaves space to a focused button and arrows to the slider', () => {
  expect(commandFor(press(' ', { focus: 'control' }))).toBeNull();
  expect(commandFor(press('a', { focus: 'control' }))).toBe('approve');
  expect(commandFor(press('ArrowLeft', { focus: 'slider' }))).toBeNull();
  expect(commandFor(press(' ', { focus: 'slider' }))).toBe('toggle');
});

it('decides once however long the key is held, but steps on', () => {
  expect(commandFor(press('a', { repeat: true }))).toBeNull();
  expect(commandFor(press('u', { repeat: true }))).toBeNull();
  expect(commandFor(press('ArrowRight', { repeat: true }))).toBe('forward');
});
