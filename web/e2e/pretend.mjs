// States that a fabric seldom is in: the API's own answers, changed, held back or refused on their way to the page.
import assert from 'node:assert/strict';
import { accessibilityFaults, photograph } from './browser.mjs';

/** Longer than any place for it, and without a gap to break it at towards the end. */
export const LONG = `${'The whole of the harbour on a windy evening, from the lighthouse to the far pier, '.repeat(2)}${'w'.repeat(60)}`;
export const SENTENCE =
  'The file ends in the middle of its picture: after 00:41:07.480 nothing can be read any more. Upload the file again, or a copy that plays to its end.';

const at = (path) => (url) => (path instanceof RegExp ? path.test(url.pathname) : url.pathname.endsWith(path));

/** Changes what the API answers at this path, until the returned function is called. */
export async function changed(page, path, change) {
  const handler = async (route) => {
    const headers = { ...route.request().headers() };
    // Whether the API's own answer is new says nothing of the changed one.
    delete headers['if-none-match'];
    const response = await route.fetch({ headers }).catch(() => null);
    // The page was left meanwhile.
    if (!response) return;
    const json = response.ok() ? change(await response.json(), route.request()) : undefined;
    await route.fulfill({ response, ...(json === undefined ? {} : { json }), headers: { ...response.headers(), etag: '' } }).catch(() => undefined);
  };
  await page.route(at(path), handler);
  return () => page.unroute(at(path), handler);
}

/** Answers in the API's place. */
export function answered(page, path, json) {
  return page.route(at(path), (route) => route.fulfill({ json }));
}

export function refused(page, path, status, detail) {
  const json = { title: 'Refused', status, detail };
  return page.route(at(path), (route) => route.fulfill({ status, contentType: 'application/problem+json', json }));
}

/** What is asked for at this path stays on its way. */
export function held(page, path) {
  return page.route(at(path), () => undefined);
}

/** A state that is there: pictures of it, and what axe finds. */
export async function seen(page, name) {
  await photograph(page, name);
  assert.deepEqual(await accessibilityFaults(page), []);
}

/** A test that pretends leaves nothing behind for the next. */
export async function asItIs({ page, watcher }) {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  // Refusals were asked for.
  watcher.faults.splice(0);
}
