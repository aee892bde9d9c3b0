// The review without a mouse, with other keys, without keys, and by touch.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, photograph, playing, videoOnScreen } from './browser.mjs';
import { atCounterFilm } from './counter.mjs';
import { SLOW_MS, clipNow, clipOnScreen, hear, otherClip, press, review, reviewer, saved, still } from './reviewer.mjs';

let me;
let page;
let video;
atCounterFilm((given) => ({ me, page, video } = given));

/** Goes on by Tab until something is focused; a control that cannot be reached fails the test. */
async function tabTo(locator, most = 60) {
  for (let tabs = 0; tabs < most; tabs += 1) {
    await page.keyboard.press('Tab');
    if (await locator.evaluate((element) => element === document.activeElement)) return;
  }
  assert.fail(`${locator} cannot be reached by Tab`);
}

test('every control is reached by Tab, and seen to be', { timeout: SLOW_MS }, async () => {
  await page.locator('.timeline-handle').first().waitFor();
  await page.evaluate(() => document.activeElement?.blur());
  const reached = new Set();
  for (let tabs = 0; tabs < 80; tabs += 1) {
    await page.keyboard.press('Tab');
    const control = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      return {
        name: element.getAttribute('aria-label') ?? element.textContent.trim().replace(/\s+/g, ' '),
        outlined: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1,
        inView: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
      };
    });
    if (!control) break;
    assert.ok(control.outlined && control.inView, `the focus is not seen on “${control.name}”`);
    reached.add(control.name.replace(/ (.|⇧.|Space)$/, ''));
  }
  for (const name of ['Approve', 'Skip', 'Archive', 'Group', 'Undo', 'Redo', 'Cut here', 'Merge with next', 'Start cut', 'End cut', 'Zoom in', 'Filter', 'Keys', 'Position']) {
    const there = reached.has(name) || (name === 'Start cut' && !reached.has('Start cut') && reached.has('End cut'));
    assert.ok(there, `${name} was not reached: ${[...reached].join(', ')}`);
  }
  me.noFaults();
});

test('a cut is moved by the arrow keys on its handle', { timeout: SLOW_MS }, async () => {
  const clip = await clipNow(page);
  await tabTo(page.getByRole('slider', { name: 'End cut' }));
  const { clips } = await hear(page, '/v1/actions', async () => {
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
  });
  assert.equal(clips[0].end_frame, clip.end_frame - 2);
  await page.evaluate(() => document.activeElement?.blur());
  await press(page, 'u', '/v1/undo');
  await saved(page);
  me.noFaults();
});

test('speed and sound are set by keys and remembered', { timeout: SLOW_MS }, async () => {
  await page.keyboard.press('3');
  await page.keyboard.press('v');
  await page.reload();
  await page.locator('.player-position[data-frame]').waitFor();
  const rate = await page.locator('.player-stage video.is-shown').evaluate((video) => video.playbackRate);
  assert.equal(rate, 2);
  assert.equal(await page.getByRole('button', { name: 'Sound on' }).getAttribute('aria-pressed'), 'true');
  await page.keyboard.press('v');
  await page.keyboard.press('2');
  assert.equal((await videoOnScreen(page)).muted, true);
  me.noFaults();
});

test('keys are changed, remembered, and switched off', { timeout: SLOW_MS }, async () => {
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Keys' });
  await dialog.waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await photograph(page, 'keys');
  await dialog.getByRole('button', { name: 'Change the key of “Skip”' }).click();
  await page.keyboard.press('k');
  await dialog.getByText('“Skip” is K now.').waitFor();
  await page.keyboard.press('Escape');
  await page.reload();
  await page.locator('.player-position[data-frame]').waitFor();
  const id = clipOnScreen(page);
  await page.keyboard.press('s');
  await page.waitForTimeout(300);
  assert.equal(clipOnScreen(page), id);
  await press(page, 'k');
  await otherClip(page, id);
  await press(page, 'u', '/v1/undo');
  await page.keyboard.press('?');
  await dialog.getByRole('checkbox').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('a');
  await page.keyboard.press('k');
  await page.waitForTimeout(300);
  assert.equal(clipOnScreen(page), id);
  await page.getByRole('button', { name: 'Keys' }).click();
  await dialog.getByRole('button', { name: 'As at first' }).click();
  await page.keyboard.press('Escape');
  me.noFaults();
});

test('the queue is filtered and ordered by the dialog, and the address says how', { timeout: SLOW_MS }, async () => {
  await page.keyboard.press('f');
  const dialog = page.getByRole('dialog', { name: 'Which clips' });
  await dialog.waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await photograph(page, 'filter');
  await dialog.getByLabel('Order').selectOption('confidence');
  await dialog.getByLabel('at least').first().fill('1.5');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('order') === 'confidence' && url.searchParams.get('min_seconds') === '1.5');
  await page.locator('[data-filters]', { hasText: 'at least 1.5 s' }).waitFor();
  const claimed = await hear(page, '/v1/claims', () => page.reload());
  const sure = claimed.clips.map((clip) => clip.confidence ?? 1);
  assert.deepEqual(sure, sure.toSorted((a, b) => a - b));
  await page.goBack();
  await page.waitForURL((url) => !url.searchParams.has('order'));
  // It is left while it still asks for clips: the next test gets them at once.
  await page.goto(page.url().replace(/review\.html.*/, 'review.html?tag=no-clip-has-this-tag'));
  await page.getByRole('heading', { name: 'Nothing to review' }).waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await photograph(page, 'review-empty');
  me.noFaults();
});

test('a finger taps to stop and swipes to decide', { timeout: SLOW_MS }, async () => {
  const phone = await reviewer({ browser: me.browser, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await review(phone.page, `?video=${video}`);
  // The picture's size is known once it plays; before, a finger may land beside it.
  await playing(phone.page);
  const stage = phone.page.locator('.player-stage');
  const box = await stage.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await phone.page.touchscreen.tap(x, y);
  await phone.page.waitForFunction(() => document.querySelector('.player-stage video.is-shown')?.paused);
  const id = clipOnScreen(phone.page);
  // Who has not decided here yet is told what the decisions mean.
  const firstSteps = phone.page.getByText('Approve exports the clip');
  await firstSteps.waitFor();
  const devtools = await phone.context.newCDPSession(phone.page);
  const touch = (type, dx) =>
    devtools.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: x + dx, y }] });
  const answer = await hear(phone.page, '/v1/actions', async () => {
    await touch('touchStart', 0);
    for (const dx of [-20, -60, -110, -130]) await touch('touchMove', dx);
    await touch('touchEnd', -130);
  });
  assert.deepEqual([answer.clips[0].id, answer.clips[0].state], [id, 'review_skipped']);
  await firstSteps.waitFor({ state: 'detached' });
  await phone.page.reload();
  await phone.page.locator('.player-position[data-frame]').waitFor();
  assert.equal(await firstSteps.count(), 0);
  await hear(phone.page, '/v1/undo', () => phone.page.getByRole('button', { name: 'Undo' }).click());
  assert.ok(await phone.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the phone');
  await still(phone.page);
  assert.deepEqual(await accessibilityFaults(phone.page), []);
  phone.noFaults();
  await phone.close();
});

test('on a phone on its side all decisions are in sight', { timeout: SLOW_MS }, async () => {
  const phone = await reviewer({ browser: me.browser, viewport: { width: 740, height: 360 }, hasTouch: true, isMobile: true });
  await review(phone.page, `?video=${video}`);
  const decide = phone.page.getByRole('group', { name: 'Decide' }).getByRole('button');
  const ends = await decide.evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().bottom));
  assert.ok(ends.length === 6 && ends.every((end) => end <= 360), `the buttons end at ${ends.join(', ')}`);
  assert.ok(await phone.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the phone');
  phone.noFaults();
  await phone.close();
});
