// How a file is divided. Pure.

/** Parts are numbered from 1, as S3 has it; all but the last have `partBytes`. */
export interface Plan {
  readonly sizeBytes: number;
  readonly partBytes: number;
  readonly parts: number;
}

/** Half-open. */
export function bytesOf(plan: Plan, part: number): { start: number; end: number } {
  const start = (part - 1) * plan.partBytes;
  return { start, end: Math.min(plan.sizeBytes, start + plan.partBytes) };
}

export function partLength(plan: Plan, part: number): number {
  const { start, end } = bytesOf(plan, part);
  return Math.max(0, end - start);
}
