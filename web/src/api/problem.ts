/** What the API refused, as the sentence it gave for people (RFC 9457 problem details). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
  ) {
    super(detail);
  }

  /** Whether the same request may succeed later without anybody changing it. */
  get mayPass(): boolean {
    return this.status === 401 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** The API could not be reached at all. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';

  constructor(cause: unknown) {
    super('Heaters cannot be reached. Check the connection and try again.', { cause });
  }
}

function textOf(body: unknown, field: 'title' | 'detail'): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value = (body as Record<string, unknown>)[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Reads problem details leniently: a gateway's own errors carry another body or none. */
export function problemFrom(status: number, body: unknown): ApiProblem {
  const title = textOf(body, 'title') ?? `Status ${status}`;
  const detail = textOf(body, 'detail') ?? `The request failed with status ${status}.`;
  return new ApiProblem(status, title, detail);
}

/** The sentence to show for any error. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something unexpected went wrong.';
}

export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
