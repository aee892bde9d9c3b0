type Dictionary = Record<string, unknown>;

function isDictionary(value: unknown): value is Dictionary {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function idOf(value: unknown): unknown {
  return isDictionary(value) ? value['id'] : undefined;
}

/** List items are matched by their id, others by their place. */
function keepList(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  const byId = new Map(before.map((item) => [idOf(item), item]));
  byId.delete(undefined);
  const merged = after.map((item, at) => keep(byId.get(idOf(item)) ?? before[at], item));
  const same = merged.length === before.length && merged.every((item, at) => item === before[at]);
  return same ? before : merged;
}

function keepFields(before: Dictionary, after: Dictionary): Dictionary {
  const names = Object.keys(after);
  const merged: Dictionary = {};
  for (const name of names) merged[name] = keep(before[name], after[name]);
  const same =
    names.length === Object.keys(before).length && names.every((name) => name in before && merged[name] === before[name]);
  return same ? before : merged;
}

/**
 * The later of two answers (JSON), with every part that did not change being the same object as before: components
 * whose part is the same have nothing to draw. Pure.
 */
export function keep<T>(before: unknown, after: T): T;
export function keep(before: unknown, after: unknown): unknown {
  if (Object.is(before, after)) return before;
  if (Array.isArray(before) && Array.isArray(after)) return keepList(before, after);
  if (isDictionary(before) && isDictionary(after)) return keepFields(before, after);
  return after;
}
