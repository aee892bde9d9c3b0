// What may be done with several clips at once. Pure.
import type { Clip, ReviewAction } from '../api/types';
import type { Command } from '../review/commands';
import { type StateKind, stateKind } from '../shared/states';

/** The commands about what is chosen, in the order of the buttons. */
export const BULK = ['approve', 'skip', 'archive', 'group', 'reopen'] as const satisfies readonly Command[];
export type BulkCommand = (typeof BULK)[number];

export function isBulk(command: Command | null): command is BulkCommand {
  return (BULK as readonly (Command | null)[]).includes(command);
}

/** As many as one request takes. */
const MOST = 500;
export const TOO_MANY = `At most ${MOST} clips can be changed at once. Choose fewer.`;

export interface Bulk {
  readonly action: ReviewAction;
  /** What it does to the number of clips that wait for review. */
  readonly change: number;
}

export type Kinds = (clip: Clip) => StateKind;

const kindOfState: Kinds = (clip) => stateKind(clip.state);

/** The clips that a command would change; others among the chosen are left as they are. */
export function affected(command: BulkCommand, clips: readonly Clip[], kindOf: Kinds = kindOfState): readonly Clip[] {
  const free = clips.filter((clip) => clip.claimed_by === null);
  const of = (...kinds: StateKind[]) => free.filter((clip) => kinds.includes(kindOf(clip)));
  if (command === 'group') return of('pending', 'good');
  if (command !== 'reopen') return of('pending');
  // An approval is withdrawn only where nothing else can be meant.
  const putAside = of('skipped', 'archived');
  return putAside.length > 0 ? putAside : of('good');
}

/** Why a command cannot be done, or null where it can. */
export function hindrance(command: BulkCommand, clips: readonly Clip[], kindOf: Kinds = kindOfState): string | null {
  const able = affected(command, clips, kindOf);
  if (able.length > MOST) return TOO_MANY;
  if (command === 'group' && clips.length > 0) {
    if (clips.length < 2) return 'A group needs two clips or more.';
    if (able.length < clips.length) return 'Only clips that wait for review or are approved can be grouped.';
  }
  if (able.length > 0) return null;
  if (clips.some((clip) => clip.claimed_by !== null)) return 'Somebody else is reviewing them.';
  return command === 'reopen' ? 'Nothing has been decided about them.' : 'Bring decided clips back first.';
}

export function bulkOf(command: BulkCommand, clips: readonly Clip[], kindOf: Kinds = kindOfState): Bulk {
  const able = affected(command, clips, kindOf);
  const pending = able.filter((clip) => kindOf(clip) === 'pending').length;
  return {
    action: { kind: command, clips: able.map(({ id, version }) => ({ id, version })) },
    change: command === 'reopen' ? able.length : -pending,
  };
}
