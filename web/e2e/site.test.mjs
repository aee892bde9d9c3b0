// The whole site in a real browser against a running system: SITE_URL=http://…/index.html npm run e2e
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { accessibilityFaults, ask, launch, photograph, playing, siteFolder, videoOnScreen, watch } from './browser.mjs';

const SITE = siteFolder(process.env.SITE_URL);
const SLOW_MS = 180_000;
const PUBLISHED_WITHIN_MS = 150_000;

let browser;
let page;
let watcher;
/** The ids of the clips that the test approved. */
const approved = [];

before(async () => {
  browser = await launch();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(30_000);
  watcher = watch(page);
});

after(() => browser?.close());

function noFaults() {
  assert.deepEqual(watcher.faults.splice(0), []);
}

/** The clip on screen, as the address says. */
function clipOnScreen() {
  return new URL(page.url()).searchParams.get('clip');
}


/** Waits until the page and the API agree on how many clips are left. */
async function isLeft(count) {
  if (count > 0) {
    await page.waitForFunction(
      (count) => document.querySelector('[data-left]')?.textContent.replaceAll(',', '') === String(count),
      count,
    );
  } else {
    await page.getByRole('heading', { name: 'That was the last one' }).waitFor();
  }
  await page.locator('[data-saved="true"]').waitFor();
  assert.equal((await ask(page, '/v1/review/summary')).pending, count);
}

/** Presses a key, and returns what the API answered to it. */
async function pressAndHear(key, path) {
  const answer = page.waitForResponse(
    (response) => response.request().method() === 'POST' && new URL(response.url()).pathname.endsWith(path),
  );
  await page.keyboard.press(key);
  const response = await answer;
  assert.equal(response.status(), 200, await response.text());
  return response.json();
}

const decide = (key) => pressAndHear(key, '/decisions');

test('the library shows a video that is ready', { timeout: SLOW_MS }, async () => {
  await page.goto(`${SITE}index.html`);
  await page.locator('[data-state="ready"]').first().waitFor({ timeout: 90_000 });
  await page.locator('details.video-card-stages').first().locator('summary').click();
  await page.locator('.video-card-picture img').first().waitFor();
  await photograph(page, 'library');
  assert.deepEqual(await accessibilityFaults(page), []);
  noFaults();
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
  noFaults();
});

test('space stops and goes on, ? shows the keys', { timeout: SLOW_MS }, async () => {
  await page.keyboard.press('Space');
  assert.equal((await videoOnScreen(page)).paused, true);
  await page.keyboard.press('Space');
  await playing(page);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('s');
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' });
  noFaults();
});

test('one key a decision, and undo brings the clip back', { timeout: SLOW_MS }, async (t) => {
  const { pending } = await ask(page, '/v1/review/summary');
  assert.ok(pending >= 3, `${pending} clips wait; the test needs 3`);
  await isLeft(pending);

  const first = clipOnScreen();
  const approval = await decide('a');
  assert.equal(approval.clip.id, first);
  assert.equal(approval.clip.state, 'review_approved');
  await isLeft(pending - 1);
  approved.push(first);
  await playing(page);

  const second = clipOnScreen();
  assert.notEqual(second, first);
  assert.equal((await decide('s')).clip.state, 'review_skipped');
  await isLeft(pending - 2);

  const third = clipOnScreen();
  await archiveOffline(third);
  await isLeft(pending - 3);
  assert.equal((await ask(page, `/v1/clips/${third}`)).state, 'review_archived');

  const undone = await pressAndHear('u', '/v1/undo');
  assert.equal(undone.clip.id, third);
  await isLeft(pending - 2);
  assert.equal(clipOnScreen(), third);
  assert.equal((await ask(page, `/v1/clips/${third}`)).state, 'pending_review');
  assert.equal((await ask(page, `/v1/clips/${second}`)).state, 'review_skipped');
  await playing(page);

  assert.equal((await decide('a')).clip.id, third);
  await isLeft(pending - 3);
  approved.push(third);

  const waits = await page.evaluate(() =>
    performance.getEntriesByName('heaters:decision-to-next-frame').map((entry) => Math.round(entry.duration)),
  );
  t.diagnostic(`from the key to the next clip's first frame: ${waits.join(', ')} ms`);
  noFaults();
});

/** Without a network the decision waits in the browser, says so, and is saved when the network is back. */
async function archiveOffline(clip) {
  watcher.offline = true;
  await page.context().setOffline(true);
  await page.keyboard.press('x');
  await page.getByText('1 decision not saved yet').waitFor();
  await page.waitForFunction((clip) => new URL(location.href).searchParams.get('clip') !== clip, clip);
  await page.context().setOffline(false);
  await page.locator('[data-saved="true"]').waitFor();
  watcher.offline = false;
}

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
  noFaults();
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
  noFaults();
});

test('the review of one video counts its clips alone', { timeout: SLOW_MS }, async () => {
  const { items } = await ask(page, '/v1/videos?limit=100');
  const video = items.find((one) => (one.clips.pending_review ?? 0) > 0);
  assert.ok(video, 'a video with clips to review');
  await page.goto(`${SITE}review.html?video=${video.id}`);
  await page.waitForFunction(
    (count) => document.querySelector('[data-left]')?.textContent.replaceAll(',', '') === String(count),
    video.clips.pending_review,
  );
  noFaults();
});
