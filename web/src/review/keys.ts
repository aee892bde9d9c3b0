// Which key means what. Pure.
import type { ReviewAction } from '../api/types';

export type Command = ReviewAction | 'undo' | 'toggle' | 'back' | 'forward' | 'help';

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

const LETTERS: Readonly<Record<string, Command>> = {
  a: 'approve',
  s: 'skip',
  x: 'archive',
  u: 'undo',
};

function arrow(press: KeyPress): Command | null {
  if (press.focus === 'slider') return null;
  if (press.key === 'ArrowLeft') return 'back';
  return press.key === 'ArrowRight' ? 'forward' : null;
}

/** null where the key is the browser's or the focused element's. */
export function commandFor(press: KeyPress): Command | null {
  if (press.focus === 'text') return null;
  const key = press.key.toLowerCase();
  if (press.ctrl || press.meta) {
    const isUndo = key === 'z' && !press.shift && !press.alt && !(press.ctrl && press.meta) && !press.repeat;
    return isUndo ? 'undo' : null;
  }
  if (press.alt) return null;
  if (press.key === '?') return 'help';
  if (press.shift) return null;
  const step = arrow(press);
  if (step) return step;
  // A held key must not decide about clips that nobody has seen.
  if (press.repeat) return null;
  if (press.key === ' ') return press.focus === 'control' ? null : 'toggle';
  return LETTERS[key] ?? null;
}

const TEXT_INPUTS = 'textarea, select, [contenteditable]:not([contenteditable="false"])';

/** The kind of the focused element. */
export function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof Element)) return 'page';
  if (target.matches('input[type="range"]')) return 'slider';
  if (target.matches('input') || target.closest(TEXT_INPUTS)) return 'text';
  return target.closest('button, a[href], summary') ? 'control' : 'page';
}

/** The command of a real key press. */
export function commandOf(event: KeyboardEvent): Command | null {
  return commandFor({
    key: event.key,
    ctrl: event.ctrlKey,
    meta: event.metaKey,
    alt: event.altKey,
    shift: event.shiftKey,
    repeat: event.repeat,
    focus: focusOf(event.target),
  });
}
