// Grid, search, activity and sign-in in states that they are seldom in: SITE_URL=http://…/index.html
import { afterEach, test } from 'node:test';
import { ask } from './browser.mjs';
import { atOwnVideo } from './films.mjs';
import { LONG, SENTENCE, answered, asItIs, changed, held, refused, seen } from './pretend.mjs';
import { SITE, SLOW_MS } from './reviewer.mjs';

let me;
let page;
let video;
atOwnVideo((given) => ({ me, page, video } = given));
afterEach(() => asItIs(me));

const grid = () => page.goto(`${SITE}grid.html?video=${video.id}`);
const options = () => page.getByRole('listbox', { name: 'Clips' }).getByRole('option');
const STATES = ['pending_review', 'embedded', 'review_skipped', 'review_archived', 'export_failed', 'exporting', 'withdrawn'];

test('the grid with much to say of each clip, all of them chosen', { timeout: SLOW_MS }, async () => {
  const more = (clip, at) => ({
    ...clip,
    state: STATES[at % STATES.length],
    tags: at % 2 ? ['night', 'rain', 'a rather long tag of forty characters'] : [],
    note: at % 3 ? SENTENCE : null,
    claimed_by: at === 0 ? 'Wilhelmina van der Westhuizen-Fitzgerald' : null,
    group_id: at === 1 ? clip.id : null,
  });
  await changed(page, '/v1/clips', (answer) => ({ ...answer, items: answer.items.map(more) }));
  await changed(page, `/v1/videos/${video.id}`, (one) => ({ ...one, title: LONG }));
  await grid();
  await options().nth(3).waitFor();
  await options().first().focus();
  await page.keyboard.press('Control+a');
  await page.getByText(/clips chosen/).waitFor();
  await seen(page, 'states-grid-much');
  await page.keyboard.press('Escape');
  await options().first().click();
  await page.getByText('1 clip chosen').waitFor();
  await seen(page, 'states-grid-one');
});

test('the grid while it loads, in trouble, and without clips', { timeout: SLOW_MS }, async () => {
  await held(page, '/v1/clips');
  await grid();
  await page.getByText('Loading the clips…').waitFor();
  await seen(page, 'states-grid-loading');
  await asItIs(me);
  await refused(page, '/v1/clips', 503, 'The database does not answer.');
  await grid();
  await page.getByRole('alert').waitFor();
  await seen(page, 'states-grid-trouble');
  await asItIs(me);
  await answered(page, '/v1/clips', { items: [], next_cursor: null });
  await grid();
  await page.getByRole('heading', { name: 'No clips yet' }).waitFor();
  await seen(page, 'states-grid-empty');
  await page.goto(`${SITE}grid.html`);
  await page.getByRole('heading', { name: 'Which video?' }).waitFor();
  await seen(page, 'states-grid-no-video');
});

test('detecting again, without a preview and without an answer', { timeout: SLOW_MS }, async () => {
  await held(page, '/boundaries');
  await grid();
  await page.getByRole('button', { name: 'Detect again' }).click();
  await page.getByText('Looking for the cuts…').waitFor();
  await seen(page, 'states-redetect-loading');
  await asItIs(me);
  await refused(page, '/boundaries', 409, 'The scores of this video are of an older kind. Retry the video to detect its scenes anew.');
  await grid();
  await page.getByRole('button', { name: 'Detect again' }).click();
  await page.getByRole('dialog').getByRole('alert').waitFor();
  await seen(page, 'states-redetect-trouble');
});

/** Clips as they would be found. */
async function found() {
  const { items } = await ask(page, `/v1/clips?video=${video.id}&limit=100`);
  return items.map((clip, at) => ({ percent: 98 - 7 * at, similarity: 0.98 - 0.07 * at, clip: { ...clip, state: 'embedded', video_title: at % 2 ? LONG : clip.video_title } }));
}

test('the search while it loads, in trouble, with one clip, with many and with none', { timeout: SLOW_MS }, async () => {
  await page.goto(`${SITE}index.html`);
  const items = await found();
  const search = () => page.goto(`${SITE}search.html?clip=${items[0].clip.id}`);
  await held(page, '/similar');
  await search();
  await page.getByText('Looking for a clip…').waitFor();
  await seen(page, 'states-search-loading');
  await asItIs(me);
  await refused(page, '/similar', 503, 'The index does not answer. Try again in a moment.');
  await search();
  await page.getByRole('alert').waitFor();
  await seen(page, 'states-search-trouble');
  await asItIs(me);
  await answered(page, '/similar', { items: [], next_cursor: null });
  await changed(page, /\/v1\/clips\/[^/]+$/, (clip) => ({ ...clip, video_title: LONG }));
  await search();
  await page.getByText('No other clip is searchable yet.').waitFor();
  await seen(page, 'states-search-alone');
  await asItIs(me);
  await answered(page, '/similar', { items: items.slice(1), next_cursor: 'more' });
  await search();
  await page.locator('.similar-card').first().waitFor();
  await seen(page, 'states-search-many');
  await asItIs(me);
  await refused(page, '/v1/search/random', 404, 'No clip is searchable yet.');
  await page.goto(`${SITE}search.html`);
  await page.getByRole('heading', { name: 'Nothing to search yet' }).waitFor();
  await seen(page, 'states-search-nothing');
});

test('the activity while it loads, in trouble, without any, and with much', { timeout: SLOW_MS }, async () => {
  const activity = () => page.goto(`${SITE}activity.html?video=${video.id}`);
  await held(page, '/activity');
  await activity();
  await page.getByText('Loading the activity…').waitFor();
  await seen(page, 'states-activity-loading');
  await asItIs(me);
  await refused(page, '/activity', 503, 'The database does not answer.');
  await activity();
  await page.getByRole('alert').waitFor();
  await seen(page, 'states-activity-trouble');
  await asItIs(me);
  await answered(page, '/activity', { items: [], next_cursor: null });
  await activity();
  await page.getByRole('heading', { name: 'Nothing has happened yet' }).waitFor();
  await seen(page, 'states-activity-empty');
  await asItIs(me);
  const entry = (part, at) => ({ id: at, action: 'approve', actor_name: 'Ada', at: '2026-03-04T05:06:07Z', clips: [video.id], summary: 'Approved a clip.', took_ms: 2_345, undone: false, ...part });
  const items = [
    {},
    { summary: SENTENCE, undone: true, took_ms: 3_600_000, actor_name: 'Wilhelmina van der Westhuizen-Fitzgerald' },
    { clips: [], took_ms: null, summary: 'Gave the video another title.', action: 'rename' },
    { summary: `Wrote a note: ${'y'.repeat(150)}`, action: 'note' },
  ].map(entry);
  await answered(page, '/activity', { items, next_cursor: 'more' });
  await changed(page, `/v1/videos/${video.id}`, (one) => ({ ...one, title: LONG }));
  await activity();
  await page.locator('.activity-entry').nth(3).waitFor();
  await seen(page, 'states-activity-much');
  await page.goto(`${SITE}activity.html`);
  await page.getByRole('heading', { name: 'Which video?' }).waitFor();
  await seen(page, 'states-activity-no-video');
});

test('signing in that does not work says so, and can be tried again', { timeout: SLOW_MS }, async () => {
  const fresh = await me.context.browser().newContext({ viewport: { width: 1280, height: 800 } });
  // A page each: what was held back in one would go on and leave it for the sign-in.
  const open = async (query, answer) => {
    const other = await fresh.newPage();
    if (answer) await other.route(/well-known/, answer);
    await other.goto(`${SITE}index.html${query}`);
    return other;
  };
  const slow = await open('', () => undefined);
  await slow.getByText('Signing in…').waitFor();
  await seen(slow, 'states-signing-in');
  const unreachable = await open('', (route) => route.abort());
  await unreachable.getByText('The sign-in service cannot be reached.').waitFor();
  await seen(unreachable, 'states-sign-in-unreachable');
  const forged = await open('?error=access_denied&state=forged');
  await forged.getByText('Signing in did not work.').waitFor();
  await seen(forged, 'states-sign-in-failed');
  await forged.getByRole('button', { name: 'Try again' }).click();
  await forged.getByRole('heading', { name: 'Library' }).waitFor();
  await fresh.close();
});
