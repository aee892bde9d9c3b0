// The reviewer's own keys: the defaults, what was changed, and whether single keys count at all. Pure.
import { COMMANDS, COMMAND_NAMES, type Command, commandInfo, isCommand } from './commands';

export interface KeyMap {
  /** Off for those who speak to their computer or press keys by accident (WCAG 2.1.4). */
  readonly enabled: boolean;
  /** Commands whose keys were changed, and to what; an empty list means no key. */
  readonly changed: Readonly<Partial<Record<Command, readonly string[]>>>;
}

export const DEFAULT_KEYS: KeyMap = { enabled: true, changed: {} };

export function keysOf(map: KeyMap, command: Command): readonly string[] {
  return map.changed[command] ?? COMMANDS[command].keys;
}

/** Whether a chord has a modifier that keeps it from being pressed by accident or spoken. */
function isModified(chord: string): boolean {
  return chord.includes('Mod+') || chord.includes('Alt+');
}

/** Keys without a letter or mark are not what the criterion is about, and the player needs them. */
function isCharacter(chord: string): boolean {
  const key = chord.replace(/^Shift\+/, '');
  return key.length === 1 && key !== ' ';
}

export function lookUp(map: KeyMap, chord: string): Command | null {
  if (!map.enabled && isCharacter(chord) && !isModified(chord)) return null;
  return COMMAND_NAMES.find((command) => keysOf(map, command).includes(chord)) ?? null;
}

export interface Remapped {
  readonly map: KeyMap;
  /** The command that had the key until now. */
  readonly taken: Command | null;
}

/** Gives the command this key alone; another command that had it loses it. */
export function remap(map: KeyMap, command: Command, chord: string): Remapped {
  const holder = COMMAND_NAMES.find((other) => other !== command && keysOf(map, other).includes(chord)) ?? null;
  const changed = { ...map.changed, [command]: [chord] };
  if (holder) changed[holder] = keysOf(map, holder).filter((key) => key !== chord);
  return { map: { ...map, changed }, taken: holder };
}

export function withoutKey(map: KeyMap, command: Command): KeyMap {
  return { ...map, changed: { ...map.changed, [command]: [] } };
}

export function isChanged(map: KeyMap): boolean {
  return !map.enabled || Object.keys(map.changed).length > 0;
}

/** Reads what was kept; what cannot be read is as it was by default. */
export function parseKeyMap(text: string | null): KeyMap {
  try {
    const value = JSON.parse(text ?? 'null') as { enabled?: unknown; changed?: Record<string, unknown> } | null;
    const changed: Partial<Record<Command, readonly string[]>> = {};
    for (const [command, keys] of Object.entries(value?.changed ?? {})) {
      if (isCommand(command) && Array.isArray(keys)) changed[command] = keys.filter((key) => typeof key === 'string');
    }
    return { enabled: value?.enabled !== false, changed };
  } catch {
    return DEFAULT_KEYS;
  }
}

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
};

/** A chord as people read it: `Shift U`, `Ctrl Z`, `⌘ Z`. */
export function chordName(chord: string, apple: boolean): string {
  const parts = chord === '+' ? ['+'] : chord.split(/\+(?=.)/);
  return parts
    .map((part) => {
      if (part === 'Mod') return apple ? '⌘' : 'Ctrl';
      return NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part);
    })
    .join(' ');
}

/** The value of `aria-keyshortcuts` for a command. */
export function ariaKeys(map: KeyMap, command: Command): string {
  return keysOf(map, command)
    .filter((chord) => map.enabled || !isCharacter(chord))
    .flatMap((chord) => (chord.includes('Mod+') ? [chord.replace('Mod', 'Control'), chord.replace('Mod', 'Meta')] : [chord]))
    .map((chord) => chord.replace(/\+$/, 'Plus').replace(/^ $/, 'Space').replace(/[a-z]$/, (letter) => letter.toUpperCase()))
    .join(' ');
}

/** The key that a command's button shows; none while single keys are off or where it has none. */
export function shownKey(map: KeyMap, command: Command, apple: boolean): string | null {
  const chord = keysOf(map, command)[0];
  if (chord === undefined || (!map.enabled && isCharacter(chord))) return null;
  // A button has room for little; the list of keys spells it out.
  return chordName(chord, apple).replace(/^Shift /, '⇧');
}

export function isHeld(command: Command): boolean {
  return commandInfo(command).held === true;
}
