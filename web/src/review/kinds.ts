// How each clip looks on the timeline while what was done to it is not saved yet. Pure.
import type { TimelineClip } from '../api/types';
import { type Outbox, clipsOfAction } from '../outbox/outbox';
import { type StateKind, stateKind } from '../shared/states';

export type KindOf = (clip: TimelineClip) => StateKind;

/** As `kindsOf`, but the same function for the same outbox: what is drawn by it is drawn again only when that changes. */
export function steadyKinds(): (outbox: Outbox) => KindOf {
  let known: { readonly entries: string; readonly kindOf: KindOf } | undefined;
  return (outbox) => {
    const entries = outbox.map((entry) => entry.requestId).join();
    if (known?.entries !== entries) known = { entries, kindOf: kindsOf(outbox) };
    return known.kindOf;
  };
}

/** The kind of state that a clip will have once the outbox is saved. */
export function kindsOf(outbox: Outbox): KindOf {
  const foreseen = new Map<string, StateKind>();
  const KINDS: Readonly<Partial<Record<string, StateKind>>> = {
    approve: 'good',
    group: 'good',
    skip: 'skipped',
    archive: 'archived',
    reopen: 'pending',
  };
  for (const entry of outbox) {
    const kind = entry.kind === 'action' ? KINDS[entry.action.kind] : undefined;
    if (entry.kind === 'action' && kind) for (const id of clipsOfAction(entry.action)) foreseen.set(id, kind);
    if (entry.kind === 'undo') for (const id of entry.clips) foreseen.set(id, 'pending');
  }
  return (clip) => foreseen.get(clip.id) ?? stateKind(clip.state);
}
