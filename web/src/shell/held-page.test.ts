import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Api } from '../api/client';
import { HeldPage } from './held-page';

const held = new Set<string>();
const stored = new Map<string, string>();
const ended: unknown[] = [];

const api = {
  POST: (path: string, { body }: { body: unknown }) => {
    if (path === '/v1/claims/leave') ended.push(body);
    return Promise.resolve({ data: { released: [] }, response: new Response() });
  },
} as unknown as Api;

async function opened(unsaved: readonly string[] = []) {
  const page = new HeldPage(api, () => unsaved);
  await page.open();
  return page;
}

/** The document goes, and with it what it held. */
const dies = () => held.clear();

beforeEach(() => {
  const request = async (name: string, _options: unknown, then: (lock: object | null) => Promise<never>) => {
    if (held.has(name)) return then(null);
    held.add(name);
    return then({});
  };
  vi.stubGlobal('navigator', { locks: { request } });
  vi.stubGlobal('sessionStorage', { getItem: (key: string) => stored.get(key) ?? null, setItem: (key: string, value: string) => stored.set(key, value) });
  vi.stubGlobal('window', new EventTarget());
});

afterEach(() => {
  for (const each of [held, stored]) each.clear();
  ended.length = 0;
  vi.unstubAllGlobals();
});

it('leaving gives up all but what is on its way, and another id follows', async () => {
  const page = await opened(['a']);
  const { id } = page;
  page.leave();
  await page.begin();
  expect(ended).toEqual([{ page: id, keep: ['a'] }]);
  expect(page.id).not.toBe(id);
});

it('a document that is left before it has begun has nothing to give up', () => {
  new HeldPage(api, () => []).leave();
  expect(ended).toEqual([]);
});

it('the next document of the tab ends the one before, which may have died', async () => {
  const before = await opened();
  expect(ended).toEqual([]);
  dies();
  const page = await opened();
  expect(ended).toEqual([{ page: before.id, keep: [] }]);
  expect(page.id).not.toBe(before.id);
});

it('a duplicated tab leaves the claims of the other', async () => {
  const other = await opened();
  const page = await opened();
  expect(ended).toEqual([]);
  expect(page.id).not.toBe(other.id);
});
