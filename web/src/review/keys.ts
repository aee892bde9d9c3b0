// Which key press means which command. Pure but for `focusOf`, which looks at an element.
import type { Command } from './commands';
import { type KeyMap, isHeld, lookUp } from './key-map';

/** What kind of thing has the focus. */
export type Focus = 'text' | 'slider' | 'control' | 'page';

export interface KeyPress {
  readonly key: string;
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  /** Whether the key is being held down. */
  readonly repeat: boolean;
  readonly focus: Focus;
}

/** Brackets with shift are one chord on every layout that has them side by side. */
const SHIFTED: Readonly<Record<string, string>> = { '{': 'Shift+[', '}': 'Shift+]' };

const MODIFIER_KEYS = new Set(['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified']);

/**
 * The press in one notation: `a`, `Shift+u`, `Mod+z` (Ctrl, or ⌘), `Alt+x`, `Shift+ArrowLeft`, `?`. Shift is
 * named for letters and named keys only: for a mark it is part of how the mark is typed. null for a modifier alone.
 */
export function chordOf({ key, ctrl, meta, alt, shift }: Omit<KeyPress, 'repeat' | 'focus'>): string | null {
  if (MODIFIER_KEYS.has(key) || (ctrl && meta)) return null;
  if (SHIFTED[key] !== undefined && !ctrl && !meta) return SHIFTED[key];
  const lower = key.length === 1 ? key.toLowerCase() : key;
  const isMark = key.length === 1 && key !== ' ' && key.toLowerCase() === key.toUpperCase();
  const parts = [shift && !isMark ? 'Shift' : '', ctrl || meta ? 'Mod' : '', alt && !isMark ? 'Alt' : '', lower];
  return parts.filter((part) => part !== '').join('+');
}

const ARROWS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'];

/** What the focused element itself does with this key. */
function isOfElement({ key, focus }: KeyPress): boolean {
  if (focus === 'text') return true;
  if (focus === 'slider') return ARROWS.includes(key);
  return focus === 'control' && (key === ' ' || key === 'Enter');
}

/** null where the key is the browser's or the focused element's. */
export function commandFor(press: KeyPress, map: KeyMap): Command | null {
  if (isOfElement(press)) return null;
  const chord = chordOf(press);
  const command = chord === null ? null : lookUp(map, chord);
  if (command === null) return null;
  // A held key must not decide about clips that nobody has seen.
  return press.repeat && !isHeld(command) ? null : command;
}

const TEXT_INPUTS = 'textarea, select, [contenteditable]:not([contenteditable="false"])';
const CONTROLS = 'button, a[href], summary, input';

/** The kind of the focused element. */
export function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof Element)) return 'page';
  if (target.matches('input[type="range"], [role="slider"]')) return 'slider';
  if (target.matches('input[type="checkbox"], input[type="radio"]')) return 'control';
  if (target.matches('input') || target.closest(TEXT_INPUTS)) return 'text';
  return target.closest(CONTROLS) ? 'control' : 'page';
}

export function pressOf(event: KeyboardEvent): KeyPress {
  // A layout's third level types marks ("[" on German keyboards); Windows says Ctrl and Alt for it.
  const third = event.getModifierState('AltGraph');
  return {
    key: event.key,
    ctrl: event.ctrlKey && !third,
    meta: event.metaKey,
    alt: event.altKey && !third,
    shift: event.shiftKey,
    repeat: event.repeat,
    focus: focusOf(event.target),
  };
}

/** How many frames a step is once its key has been held this many repeats: slow enough to stop on one, then faster. */
export function strideAfter(repeats: number): number {
  if (repeats < 12) return 1;
  if (repeats < 30) return 2;
  return repeats < 60 ? 4 : 8;
}
