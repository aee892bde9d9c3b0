import createClient, { type Client, type Middleware } from 'openapi-fetch';
import { conditional } from './conditional';
import { Unreachable, isAborted, problemFrom } from './problem';
import type { paths } from './schema';

export type Api = Client<paths>;

/** Gives the bearer token of the person at the screen, signing in again where it ran out. */
export type TokenSource = () => Promise<string>;

/** `baseUrl` is the API's root, below which the document's paths begin. */
export function createApi(baseUrl: string, token: TokenSource): Api {
  const authorise: Middleware = {
    async onRequest({ request }) {
      request.headers.set('Authorization', `Bearer ${await token()}`);
      return request;
    },
    onError: ({ error }) => (isAborted(error) ? undefined : new Unreachable(error)),
  };
  const api = createClient<paths>({ baseUrl: baseUrl.replace(/\/+$/, '') });
  api.use(authorise, conditional());
  return api;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer; throws an `ApiProblem` for any other. */
export async function bodyOf<T>(answer: Promise<Answer<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await answer;
  if (response.ok && data !== undefined && data !== null) return data;
  throw problemFrom(response.status, error);
}
