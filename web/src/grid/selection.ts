// Which of many are chosen, as file managers do it. Pure.

export interface Selection {
  readonly chosen: ReadonlySet<string>;
  /** Where a range starts. */
  readonly anchor: string | null;
  /** The one the keyboard is at. */
  readonly current: string | null;
}

export const NOTHING: Selection = { chosen: new Set(), anchor: null, current: null };

export function only(id: string): Selection {
  return { chosen: new Set([id]), anchor: id, current: id };
}

export function toggled(selection: Selection, id: string): Selection {
  const chosen = new Set(selection.chosen);
  if (!chosen.delete(id)) chosen.add(id);
  return { chosen, anchor: id, current: id };
}

/** The keyboard goes somewhere else; what is chosen stays, and a range would start there. */
export function at(selection: Selection, id: string): Selection {
  return { ...selection, anchor: id, current: id };
}

/** From the anchor to here, and nothing else. */
export function extended(selection: Selection, order: readonly string[], id: string): Selection {
  const from = order.indexOf(selection.anchor ?? id);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) return only(id);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { chosen: new Set(range), anchor: order[from] ?? id, current: id };
}

export function all(selection: Selection, order: readonly string[]): Selection {
  return { ...selection, chosen: new Set(order) };
}

export function none(selection: Selection): Selection {
  return { ...selection, chosen: new Set() };
}

/** Without those that are no longer there; the keyboard goes to the nearest that is. */
export function present(selection: Selection, before: readonly string[], now: readonly string[]): Selection {
  const left = new Set(now);
  const gone = (id: string | null) => id !== null && !left.has(id);
  const lost = [...selection.chosen].some(gone);
  if (!lost && !gone(selection.current) && !gone(selection.anchor)) return selection;
  const chosen = new Set([...selection.chosen].filter((id) => left.has(id)));
  const nearest = (id: string | null) => (gone(id) ? nearestOf(id ?? '', before, left) : id);
  return { chosen, anchor: nearest(selection.anchor), current: nearest(selection.current) };
}

function nearestOf(id: string, before: readonly string[], left: ReadonlySet<string>): string | null {
  const at = before.indexOf(id);
  return before.slice(at).find((one) => left.has(one)) ?? before.slice(0, Math.max(0, at)).findLast((one) => left.has(one)) ?? null;
}

const STEPS = {
  ArrowRight: () => 1,
  ArrowLeft: () => -1,
  ArrowDown: (columns: number) => columns,
  ArrowUp: (columns: number) => -columns,
  PageDown: (columns: number) => columns * 4,
  PageUp: (columns: number) => columns * -4,
  Home: () => -Infinity,
  End: () => Infinity,
} as const;

export type StepKey = keyof typeof STEPS;

export function isStepKey(key: string): key is StepKey {
  return Object.hasOwn(STEPS, key);
}

/** Where a key leads from here, in rows of so many columns. */
export function stepped(order: readonly string[], current: string | null, key: StepKey, columns: number): string | null {
  const at = order.indexOf(current ?? '');
  if (at < 0) return order[0] ?? null;
  const to = at + STEPS[key](columns);
  // Up from the first row and down from the last one lead nowhere, rather than sideways.
  if ((key === 'ArrowUp' || key === 'ArrowDown') && (to < 0 || to >= order.length)) return order[at] ?? null;
  return order[Math.max(0, Math.min(order.length - 1, to))] ?? null;
}
