import { describe, expect, it } from 'vitest';
import { COMMANDS, COMMAND_NAMES, type Command } from './commands';
import { DEFAULT_KEYS, ariaKeys, chordName, keysOf, lookUp, parseKeyMap, remap, shownKey, withoutKey } from './key-map';
import { type KeyPress, chordOf, commandFor, strideAfter } from './keys';

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

const means = (key: string, more: Partial<KeyPress> = {}, map = DEFAULT_KEYS) => commandFor(press(key, more), map);

describe('the default keys', () => {
  const shift = { shift: true };
  it.each<[string, Partial<KeyPress>, Command]>([
    ['a', {}, 'approve'],
    ['s', {}, 'skip'],
    ['x', {}, 'archive'],
    ['g', {}, 'group'],
    ['u', {}, 'undo'],
    ['U', shift, 'redo'],
    [' ', {}, 'toggle'],
    ['ArrowLeft', {}, 'back'],
    ['ArrowRight', {}, 'forward'],
    ['ArrowLeft', shift, 'back-ten'],
    ['ArrowRight', shift, 'forward-ten'],
    ['ArrowUp', {}, 'previous'],
    ['ArrowDown', {}, 'next'],
    ['c', {}, 'split'],
    ['m', {}, 'merge-previous'],
    ['M', shift, 'merge-next'],
    ['[', {}, 'start-earlier'],
    [']', {}, 'start-later'],
    ['{', shift, 'end-earlier'],
    ['}', shift, 'end-later'],
    ['1', {}, 'speed-1'],
    ['4', {}, 'speed-4'],
    ['v', {}, 'sound'],
    ['t', {}, 'tag'],
    ['n', {}, 'note'],
    ['?', shift, 'help'],
    ['z', { ctrl: true }, 'undo'],
    ['z', { meta: true }, 'undo'],
    ['Z', { ctrl: true, shift: true }, 'redo'],
    ['Z', { meta: true, shift: true }, 'redo'],
  ])('%j %j means %s', (key, more, command) => {
    expect(means(key, more)).toBe(command);
  });

  it('belong to one command each', () => {
    const all = COMMAND_NAMES.flatMap((command) => [...COMMANDS[command].keys]);
    expect(new Set(all).size).toBe(all.length);
  });

  it.each(['ctrl', 'meta', 'alt'] as const)('leave letters with %s to the browser', (modifier) => {
    expect(means('a', { [modifier]: true })).toBeNull();
  });
});

describe('the focused element', () => {
  it('keeps every key from somebody who types', () => {
    for (const key of ['a', ' ', '?', 'ArrowLeft', 'u']) expect(means(key, { focus: 'text' })).toBeNull();
  });

  it('keeps space on a button and arrows on a slider', () => {
    expect(means(' ', { focus: 'control' })).toBeNull();
    expect(means('a', { focus: 'control' })).toBe('approve');
    expect(means('ArrowLeft', { focus: 'slider' })).toBeNull();
    expect(means(' ', { focus: 'slider' })).toBe('toggle');
  });
});

describe('a held key', () => {
  it('decides once, but steps on and moves on', () => {
    expect(means('a', { repeat: true })).toBeNull();
    expect(means('u', { repeat: true })).toBeNull();
    expect(means('ArrowRight', { repeat: true })).toBe('forward');
    expect(means(']', { repeat: true })).toBe('start-later');
  });

  it('goes faster the longer it is held, never backwards', () => {
    const strides = Array.from({ length: 200 }, (_, repeats) => strideAfter(repeats));
    expect(strides[0]).toBe(1);
    expect(strides).toEqual(strides.toSorted((a, b) => a - b));
    expect(strides.at(-1)).toBe(8);
  });
});

describe("the reviewer's own keys", () => {
  it('take the place of the defaults, and from whoever had them', () => {
    const { map, taken } = remap(DEFAULT_KEYS, 'approve', 's');
    expect(taken).toBe('skip');
    expect([lookUp(map, 's'), lookUp(map, 'a'), keysOf(map, 'skip')]).toEqual(['approve', null, []]);
    expect(remap(map, 'skip', 'k').taken).toBeNull();
  });

  it('can be none', () => {
    expect(lookUp(withoutKey(DEFAULT_KEYS, 'archive'), 'x')).toBeNull();
  });

  it('can be off: then no letter or mark does anything, modified and named keys still do', () => {
    const off = { ...DEFAULT_KEYS, enabled: false };
    for (const key of ['a', 's', '?', '[', '1']) expect(means(key, {}, off)).toBeNull();
    expect(means('U', { shift: true }, off)).toBeNull();
    expect(means('z', { ctrl: true }, off)).toBe('undo');
    expect(means('ArrowLeft', {}, off)).toBe('back');
    expect(means(' ', {}, off)).toBe('toggle');
    expect([shownKey(off, 'approve', false), ariaKeys(off, 'undo')]).toEqual([null, 'Control+Z Meta+Z']);
  });

  it('come back as they were kept', () => {
    const { map } = remap({ ...DEFAULT_KEYS, enabled: false }, 'split', 'k');
    expect(parseKeyMap(JSON.stringify(map))).toEqual(map);
  });

  it.each([null, '', 'nonsense', '7', '{"changed":{"approve":7,"dance":["a"]}}'])('are the defaults for %j', (text) => {
    expect(parseKeyMap(text)).toEqual(DEFAULT_KEYS);
  });
});

it('names keys as people read them', () => {
  expect(['Shift+u', 'Mod+z', ' ', 'ArrowLeft', '+', 'Shift+ArrowLeft'].map((chord) => chordName(chord, false))).toEqual([
    'Shift U',
    'Ctrl Z',
    'Space',
    '←',
    '+',
    'Shift ←',
  ]);
  expect(chordName('Mod+z', true)).toBe('⌘ Z');
  expect(ariaKeys(DEFAULT_KEYS, 'undo')).toBe('U Control+Z Meta+Z');
  expect(chordOf(press('Shift', { shift: true }))).toBeNull();
});
