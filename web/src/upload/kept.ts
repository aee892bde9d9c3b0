// Uploads that a reload must not lose. Pure.
import type { Plan } from './plan';

/** An upload that storage knows, and the file it is of. */
export interface KeptUpload {
  readonly upload: string;
  readonly key: string;
  readonly name: string;
  readonly lastModifiedMs: number;
  readonly plan: Plan;
}

/** What tells one file from another without reading it. */
export interface FileLook {
  readonly name: string;
  readonly size: number;
  readonly lastModified: number;
}

function isKept(value: unknown): value is KeptUpload {
  const one = value as Partial<KeptUpload> | null;
  const plan = one?.plan as Partial<Plan> | undefined;
  return (
    typeof one?.upload === 'string' &&
    typeof one.key === 'string' &&
    typeof one.name === 'string' &&
    typeof one.lastModifiedMs === 'number' &&
    [plan?.sizeBytes, plan?.partBytes, plan?.parts].every((number) => typeof number === 'number' && number > 0)
  );
}

/** Reads what the browser's storage holds; anything else than uploads is left out. */
export function parseKept(text: string | null): KeptUpload[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.filter(isKept) : [];
  } catch {
    return [];
  }
}

export function matching(kept: readonly KeptUpload[], file: FileLook): KeptUpload | undefined {
  return kept.find(
    ({ name, lastModifiedMs, plan }) =>
      name === file.name && lastModifiedMs === file.lastModified && plan.sizeBytes === file.size,
  );
}

export function withKept(kept: readonly KeptUpload[], one: KeptUpload): KeptUpload[] {
  return [...withoutKept(kept, one.upload), one];
}

export function withoutKept(kept: readonly KeptUpload[], upload: string): KeptUpload[] {
  return kept.filter((other) => other.upload !== upload);
}
