// Nothing that a finger presses is smaller than 44 px: SITE_URL=http://…/index.html node --test e2e/touch.test.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { photograph } from './browser.mjs';
import { atOwnVideo } from './films.mjs';
import { answered } from './pretend.mjs';
import { SITE, SLOW_MS, review, reviewer } from './reviewer.mjs';

const LEAST = 44;

let phone;
let page;
let video;
atOwnVideo(async (given) => {
  video = given.video;
  phone = await reviewer({ browser: given.me.browser, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  page = phone.page;
});

/** What is too small, by name. What lies in the timeline is pressed beside what is seen of it. */
function tooSmall() {
  return page.evaluate((least) => {
    const pressed = 'button, select, input:not([type="radio"], [type="checkbox"], [hidden]), textarea, summary, .button, .link-button, .segments a, .segments span, nav a, [role="option"]';
    // What lies behind a dialog is not pressed.
    const within = document.querySelector('dialog[open]') ?? document;
    const shown = [...within.querySelectorAll(pressed)].filter((one) => one.checkVisibility({ opacityProperty: true }) && !one.matches('.skip-link'));
    const isSmall = (one) => {
      const { width, height } = one.getBoundingClientRect();
      if (!one.closest('.timeline-zoom')) return Math.min(width, height) < least - 0.5;
      one.scrollIntoView({ block: 'center' });
      const { left, top } = one.getBoundingClientRect();
      const from = top + (height - least) / 2;
      const hits = [1, least - 1].map((y) => document.elementFromPoint(left + width / 2, from + y));
      return width < least - 0.5 || hits.some((hit) => hit !== one);
    };
    return shown.filter(isSmall).map((one) => {
      const { width, height } = one.getBoundingClientRect();
      return `${one.tagName.toLowerCase()}.${one.className} “${one.textContent.trim().slice(0, 30)}” ${Math.round(width)}x${Math.round(height)}`;
    });
  }, LEAST);
}

async function opened(name, address, there) {
  await page.goto(SITE + address);
  await page.locator(there).first().waitFor();
  assert.deepEqual(await tooSmall(), [], name);
  await photograph(page, `touch-${name}`);
}

test('the library', { timeout: SLOW_MS }, async () => {
  await opened('library', 'index.html', '.video-card');
  await page.getByRole('button', { name: 'Add from the web' }).tap();
  await page.getByRole('button', { name: /^Rename/ }).first().tap();
  assert.deepEqual(await tooSmall(), []);
});

test('the grid, with clips chosen', { timeout: SLOW_MS }, async () => {
  await opened('grid', `grid.html?video=${video.id}`, '[role="option"]');
  await page.locator('summary').tap();
  await page.locator('.clip-option').first().tap();
  await page.getByText('1 clip chosen').waitFor();
  assert.deepEqual(await tooSmall(), []);
  await page.getByRole('button', { name: 'Detect again' }).tap();
  await page.locator('[data-after]').waitFor();
  assert.deepEqual(await tooSmall(), []);
});

test('the review and its dialogs', { timeout: SLOW_MS }, async () => {
  await review(page, `?video=${video.id}`);
  assert.deepEqual(await tooSmall(), []);
  await photograph(page, 'touch-review');
  for (const name of ['Tags', 'Note', 'Filter', 'Keys']) {
    await page.getByRole('button', { name, exact: true }).tap();
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await tooSmall(), [], name);
    await photograph(page, `touch-${name.toLowerCase()}`);
    await page.keyboard.press('Escape');
  }
});

test('the search and the activity', { timeout: SLOW_MS }, async () => {
  await answered(page, '/similar', { items: [], next_cursor: null });
  await opened('search', `search.html?clip=${new URL(page.url()).searchParams.get('clip')}`, '.search-main, .empty');
  await opened('activity', `activity.html?video=${video.id}`, '.activity, .empty');
  phone.noFaults();
});
