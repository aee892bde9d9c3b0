// From the library to the review, by keyboard.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, photograph, playing, videoOnScreen } from './browser.mjs';
import { SITE, SLOW_MS, reviewer } from './reviewer.mjs';

let me;
let page;

before(async () => {
  me = await reviewer();
  page = me.page;
});

after(() => me?.close());

test('the library shows a video that is ready', { timeout: SLOW_MS }, async () => {
  await page.goto(`${SITE}index.html`);
  await page.locator('[data-state="ready"]').first().waitFor({ timeout: 90_000 });
  await page.locator('details.video-card-stages').first().locator('summary').click();
  await page.locator('.video-picture img').first().waitFor();
  await photograph(page, 'library');
  assert.deepEqual(await accessibilityFaults(page), []);
  me.noFaults();
});

test('the keyboard leads to the review, which plays at once', { timeout: SLOW_MS }, async () => {
  const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Review/ });
  await page.locator('.skip-link').focus();
  for (let tabs = 0; tabs < 6; tabs += 1) {
    await page.keyboard.press('Tab');
    if (await link.evaluate((element) => element === document.activeElement)) break;
  }
  await page.keyboard.press('Enter');
  await page.waitForURL(/review\.html/);
  await playing(page);
  const video = await videoOnScreen(page);
  assert.ok(video.muted && video.loop && !video.paused && video.width > 0, JSON.stringify(video));
  await photograph(page, 'review');
  assert.deepEqual(await accessibilityFaults(page), []);
  me.noFaults();
});
