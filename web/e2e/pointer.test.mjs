// Everything that keys do, by mouse and by finger.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { photograph } from './browser.mjs';
import { atCounterFilm, clipsOf, openMiddle } from './counter.mjs';
import { SLOW_MS, counterOnScreen, frameShown, hear, onScreen, review, reviewer, saved, settled, still } from './reviewer.mjs';

let me;
let page;
let video;
atCounterFilm((given) => ({ me, page, video } = given));

const button = (name) => page.getByRole('button', { name, exact: true });

/** Takes the latest action back by its button, and checks that the clips are as they were. */
async function undone(before) {
  await hear(page, '/v1/undo', () => button('Undo').click());
  await saved(page);
  assert.deepEqual(await extents(), before);
}

async function extents() {
  return (await clipsOf(page, video)).map((clip) => [clip.id, clip.state, clip.group_id]);
}

const BUTTONS = [
  ...['Approve', 'Skip', 'Archive', 'Group', 'Cut here', 'Merge with previous', 'Merge with next', 'Trim start', 'Trim end'],
  ...['Start earlier', 'Start later', 'End earlier', 'End later'],
];

test('every action has a button, and undo takes each back', { timeout: 2 * SLOW_MS }, async (t) => {
  const before = await extents();
  for (const name of BUTTONS) {
    await t.test(name, { timeout: SLOW_MS }, async () => {
      const clip = await openMiddle(page, video);
      await still(page);
      // Neither the first nor the last frame: a cut and a trim have to leave something on both sides.
      await page.keyboard.press('Home');
      await button('+10 frames').click();
      await page.locator(`.player-position[data-frame="${clip.start_frame + 10}"]`).waitFor();
      await hear(page, '/v1/actions', () => button(name).click());
      await saved(page);
      assert.notDeepEqual(await extents(), before);
      await undone(before);
    });
  }
  for (const name of ['Tags', 'Note', 'Filter', 'Keys']) {
    const dialog = page.getByRole('dialog');
    await button(name).click();
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  }
  me.noFaults();
});

test('buttons go frame by frame, on and on while they are held, and the keys stay the page’s', { timeout: SLOW_MS }, async () => {
  const { start_frame: start } = await openMiddle(page, video);
  await still(page);
  await page.keyboard.press('Home');
  const shows = (frame) => page.locator(`.player-position[data-frame="${frame}"]`).waitFor();
  await shows(start);
  await button('+1 frame').click();
  await shows(start + 1);
  await button('+10 frames').click();
  await shows(start + 11);
  await button('−1 frame').click();
  await shows(start + 10);
  await button('−10 frames').click();
  await shows(start);
  const on = button('+1 frame');
  await on.hover();
  await page.mouse.down();
  await page.waitForFunction((least) => Number(document.querySelector('.player-position').dataset.frame) > least, start + 4);
  await page.mouse.up();
  await settled(page);
  const frame = await frameShown(page);
  assert.equal(await counterOnScreen(page), frame);
  await page.waitForTimeout(200);
  assert.equal(await frameShown(page), frame, 'it has stopped');
  // Space plays, instead of pressing the button once more.
  await page.keyboard.press('Space');
  await page.waitForFunction(() => !document.querySelector('.player-stage video.is-shown').paused);
  me.noFaults();
});

test('a click on a neighbour shows it, and with Ctrl it is chosen for grouping', { timeout: SLOW_MS }, async () => {
  const before = await extents();
  const clips = await clipsOf(page, video);
  const middle = await openMiddle(page, video);
  await page.locator('.strip-clip').nth(1).click();
  await onScreen(page, clips[1].id);
  await page.locator('.strip-clip[aria-current]').waitFor();
  // Beyond the end cut of the clip on screen.
  const edge = await page.getByRole('slider', { name: 'End cut' }).boundingBox();
  await page.mouse.click(edge.x + edge.width / 2 + 25, edge.y + edge.height / 2);
  await onScreen(page, middle.id);
  await page.locator('.strip-clip').nth(0).click({ modifiers: ['Control'] });
  await page.locator('.strip-clip').nth(3).click({ modifiers: ['Control'] });
  await photograph(page, 'review-chosen');
  const { clips: grouped } = await hear(page, '/v1/actions', () => button('Group 3').click());
  assert.deepEqual(grouped.map((clip) => clip.id), [clips[0], clips[2], clips[3]].map((clip) => clip.id));
  await saved(page);
  await undone(before);
  me.noFaults();
});

test('a finger that rests on a neighbour chooses it for grouping', { timeout: SLOW_MS }, async () => {
  const phone = await reviewer({ browser: me.browser, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  const clips = await clipsOf(page, video);
  await review(phone.page, `?video=${video}&clip=${clips[1].id}`);
  const neighbour = phone.page.locator('.strip-clip').nth(2);
  await neighbour.scrollIntoViewIfNeeded();
  const box = await neighbour.boundingBox();
  const touchPoints = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
  const devtools = await phone.context.newCDPSession(phone.page);
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await phone.page.locator('.strip-clip[aria-pressed="true"]').waitFor();
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await phone.page.getByRole('button', { name: 'Group 2', exact: true }).waitFor();
  await onScreen(phone.page, clips[1].id);
  // A tap shows the clip, as a click does.
  await neighbour.tap();
  await onScreen(phone.page, clips[2].id);
  phone.noFaults();
  await phone.close();
});
