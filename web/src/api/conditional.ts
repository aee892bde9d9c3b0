import type { Middleware } from 'openapi-fetch';

interface Known {
  readonly etag: string;
  readonly body: string;
}

/** How many answers are kept: a page asks for a handful again and again. */
const KEPT = 48;

/**
 * Asks with `If-None-Match` for what was answered before, and gives the answer again where the API says that it
 * still holds (304). Callers see an ordinary answer.
 */
export function conditional(kept = KEPT): Middleware {
  // In the order of their last use.
  const known = new Map<string, Known>();
  const remember = (url: string, answer: Known) => {
    known.delete(url);
    known.set(url, answer);
    const oldest = known.keys().next();
    if (known.size > kept && !oldest.done) known.delete(oldest.value);
  };
  return {
    onRequest({ request }) {
      const before = request.method === 'GET' ? known.get(request.url) : undefined;
      if (before) request.headers.set('If-None-Match', before.etag);
      return request;
    },
    async onResponse({ request, response }) {
      if (request.method !== 'GET') return undefined;
      if (response.status === 304) {
        const before = known.get(request.url);
        if (!before) return undefined;
        remember(request.url, before);
        return new Response(before.body, { status: 200, headers: { 'Content-Type': 'application/json' } });
      }
      const etag = response.headers.get('ETag');
      if (response.ok && etag !== null) remember(request.url, { etag, body: await response.clone().text() });
      return undefined;
    },
  };
}
