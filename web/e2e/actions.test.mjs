// Every action of a reviewer, each by its key, and taken back and done again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, photograph } from './browser.mjs';
import { atCounterFilm, clipsOf, openMiddle } from './counter.mjs';
import {
  SLOW_MS,
  clipAsked,
  clipNow,
  clipOnScreen,
  hear,
  onScreen,
  otherClip,
  press,
  review,
  saved,
  still,
} from './reviewer.mjs';

let me;
let page;
let video;
atCounterFilm((given) => ({ me, page, video } = given));

const timeline = () => clipsOf(page, video);
const extent = ({ start_frame: start, end_frame: end }) => `${start}-${end}`;

/** The active clips cover the video without gap or overlap, whatever was done. */
async function tiles() {
  const clips = await timeline();
  assert.equal(clips[0].start_frame, 0);
  clips.slice(1).forEach((clip, at) => assert.equal(clip.start_frame, clips[at].end_frame));
  return clips.map(extent);
}

/** Takes back what was just done, and checks that all is as it was. */
async function undone(before) {
  const answer = await press(page, 'u', '/v1/undo');
  await saved(page);
  assert.deepEqual(await tiles(), before);
  return answer;
}

for (const [key, state] of [
  ['a', 'review_approved'],
  ['s', 'review_skipped'],
  ['x', 'review_archived'],
]) {
  test(`${key} decides, the next clip comes, undo brings it back and redo takes it again`, { timeout: SLOW_MS }, async () => {
    const id = clipOnScreen(page);
    const { clips } = await press(page, key);
    assert.deepEqual([clips[0].id, clips[0].state], [id, state]);
    await otherClip(page, id);
    await press(page, 'u', '/v1/undo');
    await onScreen(page, id);
    assert.equal((await clipAsked(page, id)).state, 'pending_review');
    await press(page, 'Shift+u', '/v1/redo');
    await saved(page);
    assert.notEqual((await clipAsked(page, id)).state, 'pending_review');
    await press(page, 'Control+z', '/v1/undo');
    await saved(page);
    assert.equal((await clipAsked(page, id)).state, 'pending_review');
    await onScreen(page, id);
    me.noFaults();
  });
}

test('g groups with the previous clip', { timeout: SLOW_MS }, async () => {
  const first = clipOnScreen(page);
  await page.keyboard.press('ArrowDown');
  const second = await otherClip(page, first);
  const asked = () => Promise.all([first, second].map((id) => clipAsked(page, id)));
  const before = (await asked()).map((clip) => clip.state);
  const { clips } = await press(page, 'g');
  assert.deepEqual(clips.map((clip) => clip.id), [first, second]);
  assert.ok(clips[0].group_id && clips[0].group_id === clips[1].group_id);
  await saved(page);
  await press(page, 'u', '/v1/undo');
  await saved(page);
  const back = await asked();
  assert.deepEqual(back.map((clip) => clip.state), before);
  assert.deepEqual(back.map((clip) => clip.group_id), [null, null]);
  me.noFaults();
});

test('m and Shift+M merge with the neighbours', { timeout: SLOW_MS }, async () => {
  await review(page, `?video=${video}`);
  const before = await tiles();
  const first = clipOnScreen(page);
  // The neighbours are known once the timeline is there.
  await page.locator('.timeline-handle').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await otherClip(page, first);
  const middle = await clipNow(page);
  const merged = await press(page, 'm');
  assert.equal(merged.clips[0].end_frame, middle.end_frame);
  assert.equal(merged.archived.length, 2);
  await onScreen(page, merged.clips[0].id);
  await tiles();
  await undone(before);
  await review(page, `?video=${video}&clip=${middle.id}`);
  const next = await press(page, 'Shift+m');
  assert.equal(next.clips[0].start_frame, middle.start_frame);
  await undone(before);
  me.noFaults();
});

test('brackets move the cuts by frames, several presses being one action', { timeout: SLOW_MS }, async () => {
  const before = await tiles();
  const clip = await openMiddle(page, video);
  await still(page);
  const later = await hear(page, '/v1/actions', async () => {
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press(']');
  });
  assert.equal(later.clips[1].start_frame, clip.start_frame + 3);
  assert.equal(later.clips[0].end_frame, clip.start_frame + 3);
  await onScreen(page, later.clips[1].id);
  await undone(before);
  await review(page, `?video=${video}&clip=${clip.id}`);
  const earlier = await hear(page, '/v1/actions', async () => {
    await page.keyboard.press('Shift+BracketLeft');
    await page.keyboard.press('Shift+BracketLeft');
  });
  assert.equal(earlier.clips[0].end_frame, clip.end_frame - 2);
  await undone(before);
  me.noFaults();
});

test('a cut is dragged on the timeline, and Escape leaves it', { timeout: SLOW_MS }, async () => {
  const before = await tiles();
  const clip = await openMiddle(page, video);
  const handle = page.locator('.timeline-handle').first();
  await handle.waitFor();
  const box = await handle.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const answer = await hear(page, '/v1/actions', async () => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 20, y, { steps: 4 });
    await page.mouse.up();
  });
  assert.ok(answer.clips[1].start_frame > clip.start_frame, 'the cut has moved to the right');
  await undone(before);
  await page.keyboard.press(']');
  await page.keyboard.press('Escape');
  await page.getByText('The cut stays where it was.').waitFor();
  assert.deepEqual(await tiles(), before);
  me.noFaults();
});

test('i and o trim to the frame on screen', { timeout: SLOW_MS }, async () => {
  const before = await tiles();
  const clip = await openMiddle(page, video);
  await still(page);
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowRight');
  await still(page);
  const { clips } = await press(page, 'i');
  const rest = clips.find((one) => one.state === 'pending_review');
  assert.deepEqual([rest.start_frame, rest.end_frame], [clip.start_frame + 10, clip.end_frame]);
  assert.equal(clips.find((one) => one.end_frame === rest.start_frame).state, 'review_archived');
  await tiles();
  await undone(before);
  me.noFaults();
});

test('t tags and n notes, seen by everybody', { timeout: SLOW_MS }, async () => {
  const id = clipOnScreen(page);
  await page.keyboard.press('t');
  await page.getByRole('dialog', { name: 'Tags' }).waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.keyboard.type('night, rain');
  await hear(page, '/v1/actions', () => page.keyboard.press('Enter'));
  await page.locator('[data-tag]', { hasText: '#night' }).waitFor();
  await page.keyboard.press('n');
  await page.keyboard.type('Look at the sky.');
  await hear(page, '/v1/actions', () => page.keyboard.press('Enter'));
  await page.locator('[data-note]', { hasText: 'Look at the sky.' }).waitFor();
  const clip = await clipAsked(page, id);
  assert.deepEqual([clip.tags, clip.note], [['night', 'rain'], 'Look at the sky.']);
  await press(page, 'u', '/v1/undo');
  await press(page, 'u', '/v1/undo');
  await saved(page);
  const back = await clipAsked(page, id);
  assert.deepEqual([back.tags, back.note], [[], null]);
  me.noFaults();
});

test('skipped clips come back on request', { timeout: SLOW_MS }, async () => {
  const id = clipOnScreen(page);
  await press(page, 's');
  await saved(page);
  await review(page, `?video=${video}&state=review_skipped`);
  await review(page, `?video=${video}&state=review_skipped&clip=${id}`);
  await photograph(page, 'review-decided');
  assert.deepEqual(await accessibilityFaults(page), []);
  const { clips } = await press(page, 'r');
  assert.deepEqual([clips[0].id, clips[0].state], [id, 'pending_review']);
  me.noFaults();
});

test('what cannot be done says so, and what the API refuses stays in sight', { timeout: SLOW_MS }, async () => {
  const [first] = await timeline();
  await review(page, `?video=${video}&clip=${first.id}`);
  await page.locator('.strip-clip[aria-current]').waitFor();
  await page.keyboard.press('m');
  await page.getByText('There is no previous clip in this video.').waitFor();
  const stale = JSON.stringify({ title: 'Conflict', status: 409, detail: 'Somebody has changed this clip meanwhile.' });
  await page.route('**/v1/actions', (route) =>
    route.fulfill({ status: 409, contentType: 'application/problem+json', body: stale, headers: { 'Access-Control-Allow-Origin': '*' } }),
  );
  await page.keyboard.press('a');
  await page.getByRole('alert').filter({ hasText: 'Somebody has changed this clip meanwhile.' }).waitFor();
  await onScreen(page, first.id);
  assert.deepEqual(await accessibilityFaults(page), []);
  await photograph(page, 'review-refused');
  await page.unroute('**/v1/actions');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  me.watcher.faults.splice(0);
});
