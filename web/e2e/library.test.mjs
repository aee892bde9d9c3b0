// What is done to whole videos: SITE_URL=http://…/index.html node --test e2e/library.test.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, photograph, send } from './browser.mjs';
import { TITLE, card, choose, longFilm, ownVideo } from './films.mjs';
import { SITE, reviewer } from './reviewer.mjs';

const SLOW_MS = 240_000;

let me;
let page;

before(async () => {
  me = await reviewer();
  page = me.page;
  await page.goto(`${SITE}index.html`);
  await page.getByRole('button', { name: 'Upload videos' }).waitFor();
});

after(() => me?.close());

test('a video is renamed where it stands, by keyboard', { timeout: SLOW_MS }, async () => {
  await ownVideo(page);
  await card(page, TITLE).getByRole('button', { name: /^Rename/ }).press('Enter');
  const field = page.getByRole('textbox', { name: `New name of ${TITLE}` });
  await field.fill('');
  await field.press('Enter');
  await page.getByText('A video needs a name.').waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await photograph(page, 'library-rename');
  await field.press('Escape');
  await card(page, TITLE).getByRole('button', { name: /^Rename/ }).press('Enter');
  await field.fill('A walk at dusk');
  await field.press('Enter');
  await card(page, 'A walk at dusk').waitFor();
  await page.reload();
  await card(page, 'A walk at dusk').waitFor();
  me.noFaults();
});

test('what others do shows by itself, and nothing moves', { timeout: SLOW_MS }, async () => {
  const video = await card(page, 'A walk at dusk').getAttribute('data-video');
  await page.setViewportSize({ width: 800, height: 300 });
  await page.evaluate(() => window.scrollTo(0, 120));
  const node = await card(page, 'A walk at dusk').elementHandle();
  const before = await page.evaluate(() => scrollY);
  const unchanged = page.waitForResponse((response) => response.status() === 304 && response.url().includes('/v1/videos'));
  await unchanged;
  await send(page, 'PATCH', `/v1/videos/${video}`, { title: TITLE });
  await card(page, TITLE).waitFor();
  assert.equal(await node.evaluate((element) => element.isConnected && element.querySelector('h2').textContent), TITLE);
  assert.equal(await page.evaluate(() => scrollY), before);
  await page.setViewportSize({ width: 1280, height: 800 });
  me.noFaults();
});

test('the picture follows the pointer along the video', { timeout: SLOW_MS }, async () => {
  const picture = card(page, TITLE).locator('.video-picture');
  await picture.hover({ position: { x: 20, y: 40 } });
  const tile = picture.locator('svg.tile svg');
  await tile.waitFor();
  const first = await tile.getAttribute('viewBox');
  await picture.hover({ position: { x: 180, y: 40 } });
  await page.waitForFunction((first) => document.querySelector('svg.tile svg')?.getAttribute('viewBox') !== first, first);
  me.noFaults();
});

test('names are searched', { timeout: SLOW_MS }, async () => {
  const field = page.getByRole('searchbox', { name: 'Search videos by name' });
  await field.fill('HARBOUR');
  await page.waitForURL(/text=HARBOUR/);
  await page.waitForFunction(() => document.querySelectorAll('.video-card').length === 1);
  await card(page, TITLE).waitFor();
  await field.fill('no such name');
  await page.getByRole('heading', { name: 'No video matches' }).waitFor();
  await photograph(page, 'library-no-match');
  assert.deepEqual(await accessibilityFaults(page), []);
  await field.fill('');
  await card(page, TITLE).waitFor();
  me.noFaults();
});

test('a deleted video comes back by undo, and out of the deleted ones', { timeout: SLOW_MS }, async () => {
  await card(page, TITLE).getByRole('button', { name: /^Delete/ }).press('Enter');
  await page.getByText('It can be restored for 30 days.').waitFor();
  await card(page, TITLE).waitFor({ state: 'detached' });
  await photograph(page, 'library-after-delete');
  await page.getByRole('button', { name: 'Undo' }).click();
  await card(page, TITLE).locator('[data-state="ready"]').waitFor();

  await card(page, TITLE).getByRole('button', { name: /^Delete/ }).click();
  await card(page, TITLE).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Deleted' }).press('Enter');
  await card(page, TITLE).getByText(/can be restored until/).waitFor();
  await photograph(page, 'library-deleted');
  assert.deepEqual(await accessibilityFaults(page), []);
  await card(page, TITLE).getByRole('button', { name: /^Restore/ }).press('Enter');
  await card(page, TITLE).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Videos', exact: true }).click();
  await card(page, TITLE).locator('[data-state="ready"]').waitFor();
  me.noFaults();
});

test('a video under way is cancelled, and begins again', { timeout: SLOW_MS }, async () => {
  await choose(page, longFilm('Third take.mp4', 12));
  // The newest is the first.
  const third = card(page, 'Third take').first();
  await third.getByRole('button', { name: /^Cancel/ }).click({ timeout: 60_000 });
  await third.locator('[data-state="cancelled"]').waitFor();
  await photograph(page, 'library-cancelled');
  assert.deepEqual(await accessibilityFaults(page), []);
  await third.getByRole('button', { name: /^Retry/ }).click();
  await third.locator('[data-state="ready"]').waitFor({ timeout: 150_000 });
  me.noFaults();
});

test('trouble with the API is told, and goes by itself', { timeout: SLOW_MS }, async () => {
  const detail = 'The database does not answer.';
  await page.route(/\/v1\/videos\?/, (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', json: { title: 'Unavailable', status: 503, detail } }));
  await page.goto(`${SITE}index.html`);
  await page.getByRole('alert').getByText(detail).waitFor();
  await photograph(page, 'library-trouble');
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.unroute(/\/v1\/videos\?/);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.video-card').first().waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  me.watcher.faults.splice(0);
});

test('an empty library says how videos come in', { timeout: SLOW_MS }, async () => {
  await page.route(/\/v1\/videos\?/, (route) => route.fulfill({ json: { items: [], next_cursor: null } }));
  await page.goto(`${SITE}index.html`);
  await page.getByRole('heading', { name: 'No videos yet' }).waitFor();
  await photograph(page, 'library-empty');
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.getByRole('button', { name: 'Add from the web' }).press('Enter');
  await page.getByRole('textbox', { name: /^Addresses of videos/ }).waitFor();
  await photograph(page, 'library-from-the-web');
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.unroute(/\/v1\/videos\?/);
  me.noFaults();
});
