// Detecting again, with a preview: SITE_URL=http://…/index.html node --test e2e/redetect.test.mjs
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { accessibilityFaults, ask, photograph, send } from './browser.mjs';
import { SHOT_COUNT, SHOT_SECONDS, TITLE, atOwnVideo, card } from './films.mjs';
import { SLOW_MS } from './reviewer.mjs';

/** An ingest's settings where nothing else is configured. */
const AS_INGESTED = { sensitivity: 0.5, min_length_seconds: 0.1 };

let me;
let page;
let video;
atOwnVideo(async (given) => {
  ({ me, page, video } = given);
  // A run that failed may have left its detection.
  if ((await cuts()).length === SHOT_COUNT - 1) return;
  await send(page, 'POST', `/v1/videos/${video.id}/redetect`, { request_id: randomUUID(), ...AS_INGESTED });
});

const cuts = async () => (await ask(page, `/v1/videos/${video.id}/timeline`)).cuts.map(({ frame }) => frame);
const clipsAfter = async () => Number(await page.locator('[data-after]').innerText());

test('the preview follows the sliders, and nothing changes before it is applied', { timeout: SLOW_MS }, async () => {
  const before = await cuts();
  assert.equal(before.length, SHOT_COUNT - 1);
  await card(page, TITLE).getByRole('button', { name: /^Detect again/ }).press('Enter');
  await page.locator('[data-after]').waitFor();
  assert.equal(await clipsAfter(), SHOT_COUNT);
  assert.ok(await page.getByRole('button', { name: 'Apply' }).isDisabled());

  // Longer than a shot: cuts have to go.
  await page.getByLabel('Shortest scene, seconds').fill(String(SHOT_SECONDS * 2.5));
  await page.waitForFunction((count) => Number(document.querySelector('[data-after]')?.textContent) < count, SHOT_COUNT);
  const slider = page.getByRole('slider', { name: /^Sensitivity/ });
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await slider.inputValue(), '0.51');
  await photograph(page, 'redetect');
  assert.deepEqual(await accessibilityFaults(page), []);
  assert.deepEqual(await cuts(), before);
  me.noFaults();
});

test('what was previewed is what is applied, and undo brings the cuts back', { timeout: SLOW_MS }, async () => {
  const before = await cuts();
  const expected = await clipsAfter();
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('button', { name: 'Done', exact: true }).waitFor();
  assert.equal((await cuts()).length + 1, expected);
  await photograph(page, 'redetect-applied');
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Taken back: the clips are as they were.').waitFor();
  assert.deepEqual(await cuts(), before);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  // It opens with the settings of the cuts that are there again.
  await card(page, TITLE).getByRole('button', { name: /^Detect again/ }).press('Enter');
  await page.locator('[data-after]').waitFor();
  assert.deepEqual([await page.getByRole('slider', { name: /^Sensitivity/ }).inputValue(), await clipsAfter()], ['0.5', SHOT_COUNT]);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  me.noFaults();
});
