import createClient from 'openapi-fetch';
import { expect, it } from 'vitest';
import { conditional } from './conditional';

interface Paths {
  '/thing/{id}': { get: { parameters: { path: { id: number } }; responses: { 200: { content: { 'application/json': { value: number } } } } } };
}

/** An API whose things have an ETag each, and what it was asked. */
function setUp(kept?: number) {
  const values = new Map<number, number>();
  const asked: string[] = [];
  const fetch = (request: Request): Promise<Response> => {
    const value = values.get(Number(request.url.split('/').at(-1))) ?? 0;
    const etag = `"${value}"`;
    const condition = request.headers.get('If-None-Match');
    asked.push(condition ?? 'all');
    if (condition === etag) return Promise.resolve(new Response(null, { status: 304, headers: { ETag: etag } }));
    return Promise.resolve(Response.json({ value }, { headers: { ETag: etag } }));
  };
  const api = createClient<Paths>({ baseUrl: 'http://api', fetch });
  api.use(conditional(kept));
  const get = async (id: number) => (await api.GET('/thing/{id}', { params: { path: { id } } })).data?.value;
  return { values, asked, get };
}

it('gives the answer it has where nothing changed, and the new one where something did', async () => {
  const { values, asked, get } = setUp();
  values.set(1, 7);
  expect([await get(1), await get(1)]).toEqual([7, 7]);
  values.set(1, 8);
  expect([await get(1), await get(1)]).toEqual([8, 8]);
  expect(asked).toEqual(['all', '"7"', '"7"', '"8"']);
});

it('forgets what was used least recently', async () => {
  const { asked, get } = setUp(2);
  await get(1);
  await get(2);
  await get(1);
  await get(3);
  asked.length = 0;
  await get(1);
  await get(2);
  expect(asked).toEqual(['"0"', 'all']);
});
