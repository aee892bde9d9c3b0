// Everything a reviewer can do with one key, in one list: the keys dialog, the key map and the buttons read it. Pure.

/** How a command is grouped where the keys are shown. */
export type CommandGroup = 'Decide' | 'Cut' | 'Play' | 'Go' | 'Page';

interface CommandInfo {
  readonly group: CommandGroup;
  /** The name on buttons and in the list of keys. */
  readonly title: string;
  readonly does: string;
  /** In the notation of `chordOf`; the first is the one that buttons show. */
  readonly keys: readonly string[];
  /** Whether a key held down goes on doing it; else only the first press counts. */
  readonly held?: true;
}

export const COMMANDS = {
  approve: { group: 'Decide', title: 'Approve', does: 'The clip is exported and becomes searchable', keys: ['a'] },
  skip: { group: 'Decide', title: 'Skip', does: 'The clip is not exported; it can be brought back', keys: ['s'] },
  archive: { group: 'Decide', title: 'Archive', does: 'The clip is put away', keys: ['x'] },
  group: {
    group: 'Decide',
    title: 'Group',
    does: 'Approve and group with the previous clip, or with the selected ones',
    keys: ['g'],
  },
  reopen: { group: 'Decide', title: 'Bring back', does: 'A skipped or archived clip waits for review again', keys: ['r'] },
  undo: { group: 'Decide', title: 'Undo', does: 'Take back the latest action; again for the one before', keys: ['u', 'Mod+z'] },
  redo: { group: 'Decide', title: 'Redo', does: 'Do again what was undone', keys: ['Shift+u', 'Shift+Mod+z', 'Mod+y'] },
  tag: { group: 'Decide', title: 'Tags', does: 'Tag the clip', keys: ['t'] },
  note: { group: 'Decide', title: 'Note', does: 'Write a note on the clip', keys: ['n'] },

  split: { group: 'Cut', title: 'Cut here', does: 'The frame on screen becomes the first of a new clip', keys: ['c'] },
  'merge-previous': { group: 'Cut', title: 'Merge with previous', does: 'Remove the cut at the start', keys: ['m'] },
  'merge-next': { group: 'Cut', title: 'Merge with next', does: 'Remove the cut at the end', keys: ['Shift+m'] },
  'start-earlier': { group: 'Cut', title: 'Start earlier', does: 'Move the start cut a frame back', keys: ['['], held: true },
  'start-later': { group: 'Cut', title: 'Start later', does: 'Move the start cut a frame on', keys: [']'], held: true },
  'end-earlier': { group: 'Cut', title: 'End earlier', does: 'Move the end cut a frame back', keys: ['Shift+['], held: true },
  'end-later': { group: 'Cut', title: 'End later', does: 'Move the end cut a frame on', keys: ['Shift+]'], held: true },
  'trim-start': { group: 'Cut', title: 'Trim start', does: 'Leave out what is before the frame on screen', keys: ['i'] },
  'trim-end': { group: 'Cut', title: 'Trim end', does: 'Leave out what is after the frame on screen', keys: ['o'] },

  toggle: { group: 'Play', title: 'Play', does: 'Play or pause', keys: [' '] },
  back: { group: 'Play', title: 'Frame back', does: 'One frame back; hold to go faster', keys: ['ArrowLeft'], held: true },
  forward: { group: 'Play', title: 'Frame on', does: 'One frame on; hold to go faster', keys: ['ArrowRight'], held: true },
  'back-ten': { group: 'Play', title: 'Ten back', does: 'Ten frames back', keys: ['Shift+ArrowLeft'], held: true },
  'forward-ten': { group: 'Play', title: 'Ten on', does: 'Ten frames on', keys: ['Shift+ArrowRight'], held: true },
  first: { group: 'Play', title: 'To the start', does: 'Go to the start cut', keys: ['Home'] },
  last: { group: 'Play', title: 'To the end', does: 'Go to the end cut', keys: ['End'] },
  'speed-1': { group: 'Play', title: '0.5×', does: 'Half speed', keys: ['1'] },
  'speed-2': { group: 'Play', title: '1×', does: 'Normal speed', keys: ['2'] },
  'speed-3': { group: 'Play', title: '2×', does: 'Double speed', keys: ['3'] },
  'speed-4': { group: 'Play', title: '4×', does: 'Four times the speed', keys: ['4'] },
  sound: { group: 'Play', title: 'Sound', does: 'Sound on or off', keys: ['v'] },

  previous: { group: 'Go', title: 'Previous clip', does: 'The clip before in the video', keys: ['ArrowUp'] },
  next: { group: 'Go', title: 'Next clip', does: 'The clip after in the video', keys: ['ArrowDown'] },
  'zoom-in': { group: 'Go', title: 'Zoom in', does: 'Show less of the timeline, larger', keys: ['+', '='], held: true },
  'zoom-out': { group: 'Go', title: 'Zoom out', does: 'Show more of the timeline', keys: ['-'], held: true },
  filter: { group: 'Page', title: 'Filter', does: 'Choose which clips to review', keys: ['f'] },
  help: { group: 'Page', title: 'Keys', does: 'Show and change these keys', keys: ['?'] },
} as const satisfies Readonly<Record<string, CommandInfo>>;

export type Command = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly Command[];

export const GROUPS: readonly CommandGroup[] = ['Decide', 'Cut', 'Play', 'Go', 'Page'];

export function commandInfo(command: Command): CommandInfo {
  return COMMANDS[command];
}

export function isCommand(name: string): name is Command {
  return name in COMMANDS;
}

export const SPEEDS = { 'speed-1': 0.5, 'speed-2': 1, 'speed-3': 2, 'speed-4': 4 } as const;
