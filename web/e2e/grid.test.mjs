// Decisions about many clips at once: SITE_URL=http://…/index.html node --test e2e/grid.test.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, photograph } from './browser.mjs';
import { SHOT_COUNT, atOwnVideo } from './films.mjs';
import { SITE, SLOW_MS, reviewer } from './reviewer.mjs';

let me;
let page;
let video;
atOwnVideo(async (given) => {
  ({ me, page, video } = given);
  await page.goto(`${SITE}grid.html?video=${video.id}`);
  await options().first().waitFor();
});

const list = (of = page) => of.getByRole('listbox', { name: 'Clips' });
const options = () => list().getByRole('option');
const chosen = () => list().getByRole('option', { selected: true });

/** The video's clips by time, as the API has them. */
async function clips() {
  return (await ask(page, `/v1/clips?video=${video.id}&limit=500`)).items;
}

/** Does something, and waits for the API's answer to what it leads to. */
async function answered(path, act) {
  const [response] = await Promise.all([
    page.waitForResponse((one) => one.request().method() === 'POST' && new URL(one.url()).pathname.endsWith(path)),
    act(),
  ]);
  assert.equal(response.status(), 200, await response.text());
  return response.json();
}

test('all clips of the video are there, with pictures, and play under the pointer', { timeout: SLOW_MS }, async () => {
  assert.equal(await options().count(), SHOT_COUNT);
  await page.locator('clip-cell svg.tile image').nth(SHOT_COUNT - 1).waitFor();
  await photograph(page, 'grid');
  assert.deepEqual(await accessibilityFaults(page), []);
  await options().nth(2).hover();
  await page.waitForFunction(() => {
    const film = document.querySelector('clip-cell video');
    return film && !film.paused && film.muted && film.currentTime > 0;
  });
  me.noFaults();
});

test('a press on a clip that plays chooses it, wherever the focus was', { timeout: SLOW_MS }, async () => {
  await options().nth(1).focus();
  await options().nth(1).locator('video').waitFor();
  await options().nth(4).hover();
  await options().nth(4).locator('video').waitFor();
  for (const at of [4, 1, 1]) {
    await options().nth(at).click();
    await page.getByText('1 clip chosen').waitFor();
    assert.equal(await options().nth(at).getAttribute('aria-selected'), 'true');
    await options().nth(at).locator('video').waitFor();
  }
  await page.getByRole('button', { name: 'Choose none' }).click();
  me.noFaults();
});

test('clips are chosen by mouse as files are', { timeout: SLOW_MS }, async () => {
  await options().nth(1).click();
  assert.equal(await chosen().count(), 1);
  await options().nth(4).click({ modifiers: ['Shift'] });
  assert.equal(await chosen().count(), 4);
  await options().nth(2).click({ modifiers: ['Control'] });
  await options().nth(6).click({ modifiers: ['Control'] });
  assert.equal(await chosen().count(), 4);
  await page.getByText('4 clips chosen').waitFor();
  await photograph(page, 'grid-chosen');
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.getByRole('button', { name: 'Choose none' }).click();
  assert.equal(await chosen().count(), 0);
  me.noFaults();
});

test('by keyboard alone: several are approved at once, and one undo takes all of it back', { timeout: SLOW_MS }, async () => {
  const before = await clips();
  await options().nth(1).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  assert.equal(await chosen().count(), 3);
  const { clips: approved } = await answered('/v1/actions', () => page.keyboard.press('a'));
  assert.deepEqual(approved.map(({ id }) => id).sort(), before.slice(0, 3).map(({ id }) => id).sort());
  await page.getByText('3 clips approved.').waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[role="option"][data-kind="good"]').length === 3);
  await photograph(page, 'grid-approved');
  assert.deepEqual(await accessibilityFaults(page), []);

  await answered('/v1/undo', () => page.keyboard.press('u'));
  assert.deepEqual((await clips()).map(({ id, state }) => [id, state]), before.map(({ id, state }) => [id, state]));
  await page.waitForFunction(() => document.querySelectorAll('[role="option"][data-kind="pending"]').length > 7);
  me.noFaults();
});

test('skipped clips are found by the filter and brought back', { timeout: SLOW_MS }, async () => {
  await options().nth(0).click();
  await options().nth(1).click({ modifiers: ['Shift'] });
  await answered('/v1/actions', () => page.locator('[data-bulk="skip"]').click());
  await page.getByLabel('State').selectOption('skipped');
  await page.waitForFunction(() => document.querySelectorAll('[role="option"]').length === 2);
  await page.waitForURL(/state=skipped/);
  await options().first().focus();
  await page.keyboard.press('Control+a');
  await answered('/v1/actions', () => page.keyboard.press('r'));
  await page.getByRole('heading', { name: 'No clip matches' }).waitFor();
  await photograph(page, 'grid-no-match');
  await page.getByLabel('State').selectOption('');
  await page.waitForFunction((count) => document.querySelectorAll('[role="option"]').length === count, SHOT_COUNT);
  assert.ok((await clips()).every(({ state }) => state === 'pending_review'));
  me.noFaults();
});

test('clips are grouped and archived, each undone at once', { timeout: SLOW_MS }, async () => {
  await options().nth(3).click();
  await options().nth(5).click({ modifiers: ['Control'] });
  const { clips: grouped } = await answered('/v1/actions', () => page.keyboard.press('g'));
  assert.equal(new Set(grouped.map(({ group_id }) => group_id)).size, 1);
  assert.ok(grouped[0].group_id);
  await answered('/v1/undo', () => page.getByRole('button', { name: 'Undo' }).click());
  assert.ok((await clips()).every(({ group_id, state }) => group_id === null && state === 'pending_review'));
  await options().nth(7).click();
  await answered('/v1/actions', () => page.keyboard.press('x'));
  assert.equal((await clips())[7].state, 'review_archived');
  await answered('/v1/undo', () => page.keyboard.press('u'));
  me.noFaults();
});

test('by touch a tap adds, and one clip is opened in the review', { timeout: SLOW_MS }, async () => {
  const { page: phone, close } = await reviewer({ browser: me.browser, viewport: { width: 360, height: 740 }, hasTouch: true });
  await phone.goto(`${SITE}grid.html?video=${video.id}`);
  await list(phone).getByRole('option').nth(1).tap();
  await list(phone).getByRole('option').nth(2).tap();
  await phone.getByText('2 clips chosen').waitFor();
  // Two taps at once on one clip would open it.
  await phone.waitForTimeout(800);
  await list(phone).getByRole('option').nth(2).tap();
  await phone.getByRole('button', { name: 'Open in review' }).tap({ noWaitAfter: true });
  await phone.waitForURL(/review\.html/, { waitUntil: 'commit' });
  await close();
});

test('the activity names what was done, and what was taken back', { timeout: SLOW_MS }, async () => {
  await page.goto(`${SITE}activity.html?video=${video.id}`);
  await page.locator('.activity-entry[data-action="approve"].is-undone').first().waitFor();
  await page.locator('.activity-entry[data-action="undo"]').first().waitFor();
  await photograph(page, 'activity');
  assert.deepEqual(await accessibilityFaults(page), []);
  me.noFaults();
});
