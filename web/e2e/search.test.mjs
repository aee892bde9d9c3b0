// What is approved is published, and can then be found by what it looks like.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { accessibilityFaults, ask, photograph, playing } from './browser.mjs';
import { SITE, SLOW_MS, clipOnScreen, otherClip, press, review, reviewer, saved } from './reviewer.mjs';

const PUBLISHED_WITHIN_MS = 150_000;

let me;
let page;
/** The ids of the clips that the test approved. */
const approved = [];

before(async () => {
  me = await reviewer();
  page = me.page;
});

after(() => me?.close());

test('two clips are approved, and the number that is left says so', { timeout: SLOW_MS }, async (t) => {
  await review(page);
  const { pending } = await ask(page, '/v1/review/summary');
  assert.ok(pending >= 2, `${pending} clips wait; the test needs 2`);
  for (let done = 1; done <= 2; done += 1) {
    await playing(page);
    const id = clipOnScreen(page);
    await press(page, 'a');
    await otherClip(page, id);
    approved.push(id);
    await saved(page);
    assert.equal((await ask(page, '/v1/review/summary')).pending, pending - done);
    await page.waitForFunction(
      (left) => document.querySelector('[data-left]')?.textContent.replaceAll(',', '') === String(left),
      pending - done,
    );
  }
  const waits = await page.evaluate(() =>
    performance.getEntriesByName('heaters:decision-to-next-frame').map((entry) => Math.round(entry.duration)),
  );
  t.diagnostic(`from the key to the next clip's first frame: ${waits.join(', ')} ms`);
  me.noFaults();
});

test('an approved clip is published', { timeout: SLOW_MS }, async () => {
  const deadline = Date.now() + PUBLISHED_WITHIN_MS;
  for (const id of approved) {
    for (;;) {
      const clip = await ask(page, `/v1/clips/${id}`);
      if (clip.state === 'embedded') break;
      assert.ok(!clip.state.endsWith('_failed'), `${clip.state}: ${clip.failure?.sentence}: ${clip.failure?.detail}`);
      assert.ok(Date.now() < deadline, `the clip is still ${clip.state}`);
      await pause(1000);
    }
  }
  me.noFaults();
});

test('search shows similar clips, which play under the pointer', { timeout: SLOW_MS }, async () => {
  await page.goto(`${SITE}search.html?clip=${approved[0]}`);
  const cards = page.locator('.similar-card');
  await cards.first().waitFor();
  await playing(page);
  for (const text of await page.locator('.similar-card-percent').allTextContents()) assert.match(text, /^\d+ % similar$/);
  await cards.first().hover();
  await page.waitForFunction(() => {
    const video = document.querySelector('.similar-card video');
    return video && !video.paused && video.muted && video.currentTime > 0;
  });
  await photograph(page, 'search');
  assert.deepEqual(await accessibilityFaults(page), []);

  const chosen = await cards.first().getAttribute('data-clip');
  await cards.first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('clip') === chosen);
  await page.locator(`.similar-card[data-clip="${approved[0]}"]`).waitFor();
  await playing(page);

  await page.getByText('Least similar').first().click();
  await page.getByRole('heading', { name: 'Least similar' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Most similar' }).waitFor();
  await page.getByRole('button', { name: 'Random clip' }).click();
  await cards.first().waitFor();
  me.noFaults();
});
