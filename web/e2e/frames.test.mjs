// The frame that the page names is the frame on screen: read from the picture's own pixels.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from './browser.mjs';
import { atCounterFilm, openMiddle } from './counter.mjs';
import {
  SLOW_MS,
  clipNow,
  clipOnScreen,
  counterOnScreen,
  frameShown,
  hear,
  onScreen,
  press,
  saved,
  settled,
  still,
} from './reviewer.mjs';

let me;
let page;
let video;
atCounterFilm((given) => ({ me, page, video } = given));

/** Both agree, and it is this frame where one is named. */
async function isOnScreen(frame) {
  await settled(page);
  const read = async () => [await frameShown(page), await counterOnScreen(page)];
  let [said, seen] = await read();
  // The browser tells the page of a picture after it has drawn it, on a busy machine a while after.
  for (let tries = 0; said !== seen && tries < 20; tries += 1) {
    await page.waitForTimeout(50);
    [said, seen] = await read();
  }
  assert.equal(said, seen, 'the frame that the page names is not the one in the picture');
  if (frame !== undefined) assert.equal(seen, frame);
  return seen;
}

test('every step lands on the frame it says', { timeout: SLOW_MS }, async () => {
  await still(page);
  const { start_frame: start, end_frame: end } = await clipNow(page);
  await page.keyboard.press('Home');
  await isOnScreen(start);
  for (let step = 1; step <= 5; step += 1) {
    await page.keyboard.press('ArrowRight');
    await isOnScreen(start + step);
  }
  await page.keyboard.press('ArrowLeft');
  await isOnScreen(start + 4);
  await page.keyboard.press('Shift+ArrowRight');
  await isOnScreen(start + 14);
  await page.keyboard.press('Shift+ArrowLeft');
  await isOnScreen(start + 4);
  await page.keyboard.press('End');
  await isOnScreen(end - 1);
  me.noFaults();
});

test('a key held down goes on, faster and faster, and stops where it says', { timeout: SLOW_MS }, async () => {
  await page.keyboard.press('Home');
  const { start_frame: start, end_frame: end } = await clipNow(page);
  for (let repeat = 0; repeat < 20; repeat += 1) await page.keyboard.down('ArrowRight');
  await page.keyboard.up('ArrowRight');
  const frame = await isOnScreen();
  // 12 single steps, then double ones.
  assert.equal(frame, Math.min(end - 1, start + 12 + 8 * 2));
  me.noFaults();
});

test('a cut made while the clip plays lands on exactly the frame that stays on screen', { timeout: SLOW_MS }, async () => {
  const before = await clipNow(page);
  await page.keyboard.press('Home');
  // Where the test before had stopped, the number would be high enough at once.
  await isOnScreen(before.start_frame);
  await page.keyboard.press('Space');
  await page.waitForFunction((start) => Number(document.querySelector('.player-position')?.dataset.frame) > start + 20, before.start_frame);
  // The answer waits until the picture has been read, since the first half then takes its place.
  let read;
  const reading = new Promise((resolve) => (read = resolve));
  await page.route('**/v1/actions', async (route) => {
    await reading;
    await route.continue();
  });
  const answering = hear(page, '/v1/actions', () => page.keyboard.press('c'));
  const seen = await isOnScreen();
  read();
  const { clips, archived } = await answering;
  await page.unroute('**/v1/actions');
  assert.deepEqual(archived, [before.id]);
  const [left, right] = clips;
  assert.equal(right.start_frame, seen);
  assert.equal(left.end_frame, right.start_frame);
  await onScreen(page, left.id);
  await still(page);
  await page.keyboard.press('End');
  await isOnScreen(right.start_frame - 1);
  await page.keyboard.press('ArrowDown');
  await onScreen(page, right.id);
  await still(page);
  await page.keyboard.press('Home');
  await isOnScreen(right.start_frame);
  await press(page, 'u', '/v1/undo');
  await onScreen(page, before.id);
  me.noFaults();
});

test('a cut made at a frame that was stepped to lands on that frame', { timeout: SLOW_MS }, async () => {
  await still(page);
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('ArrowRight');
  const seen = await isOnScreen();
  const { clips } = await press(page, 'c');
  assert.equal(clips[1].start_frame, seen);
  await press(page, 'Control+z', '/v1/undo');
  await saved(page);
  assert.notEqual(clipOnScreen(page), clips[0].id);
  me.noFaults();
});

test('a cut that is moved beyond the clip shows the frame that it takes in', { timeout: SLOW_MS }, async () => {
  const { start_frame: start, end_frame: end } = await openMiddle(page, video);
  await still(page);
  const shows = async (frame) => {
    await page.locator(`.player-position[data-frame="${frame}"]`).waitFor();
    await isOnScreen(frame);
  };
  for (const [key, frames] of [
    ['BracketLeft', [start - 1, start - 2, start - 3]],
    ['Shift+BracketRight', [end, end + 1, end + 2]],
  ]) {
    for (const frame of frames) {
      await page.keyboard.press(key);
      await shows(frame);
    }
    await page.keyboard.press('Escape');
    await page.locator('.player-position', { hasText: 'frame' }).waitFor();
    await settled(page);
    const back = await isOnScreen();
    assert.ok(back >= start && back < end, `the clip’s own frame ${back} is on screen again`);
  }
});

test('a clip beside a moved cut that is not there yet is waited for in sight', { timeout: SLOW_MS }, async () => {
  const { start_frame: start, id } = await openMiddle(page, video);
  const { clips } = await ask(page, `/v1/videos/${video}/timeline`);
  const before = clips.find((clip) => clip.end_frame === start);
  // Nothing of the clip before comes until it is let go.
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route(`**/v1/clips/${before.id}/playback*`, async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  await onScreen(page, id);
  await page.locator('.strip-clip[aria-current]').waitFor();
  await still(page);
  // On a busy machine the cut is saved before the frame was looked at: that is not answered until it was.
  let looked;
  const seen = new Promise((resolve) => (looked = resolve));
  let sent = false;
  await page.route('**/v1/actions', async (route) => {
    sent = true;
    await seen;
    await route.continue();
  });
  await page.keyboard.press('BracketLeft');
  await page.locator('.player-stage', { hasText: 'Loading the clip before…' }).waitFor({ timeout: 500 });
  letGo();
  await page.locator('.player-stage', { hasText: 'Loading the clip before…' }).waitFor({ state: 'detached' });
  await page.locator(`.player-position[data-frame="${start - 1}"]`).waitFor();
  await isOnScreen(start - 1);
  await page.keyboard.press('Escape');
  looked();
  await saved(page);
  if (sent) await press(page, 'u', '/v1/undo');
  await saved(page);
  await page.unrouteAll({ behavior: 'wait' });
  me.noFaults();
});

test('a dragged cut shows the frame under it', { timeout: SLOW_MS }, async () => {
  const { start_frame: start } = await openMiddle(page, video);
  await still(page);
  const handle = page.locator('.timeline-handle').first();
  const box = await handle.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 20, y, { steps: 4 });
  await page.locator('.player-position', { hasText: 'in the clip before' }).waitFor();
  const to = Number(await handle.getAttribute('data-frame'));
  assert.ok(to < start);
  await page.locator(`.player-position[data-frame="${to}"]`).waitFor();
  await isOnScreen(to);
  const { clips } = await hear(page, '/v1/actions', () => page.mouse.up());
  assert.equal(clips[1].start_frame, to);
  await press(page, 'u', '/v1/undo');
  await saved(page);
  me.noFaults();
});
