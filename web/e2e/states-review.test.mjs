// The review in states that it is seldom in: SITE_URL=http://…/index.html node --test e2e/states-review.test.mjs
import { afterEach, test } from 'node:test';
import { atCounterFilm, openMiddle } from './counter.mjs';
import { LONG, SENTENCE, changed, held, refused, seen } from './pretend.mjs';
import { SITE, SLOW_MS, otherClip, review, clipOnScreen } from './reviewer.mjs';

let me;
let page;
let video;
atCounterFilm((given) => ({ me, page, video } = given));
afterEach(() => asItWas());

/** What a page holds back is given up before the next test asks for clips. */
async function asItWas() {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.goto('about:blank');
  await page.waitForTimeout(300);
  me.watcher.faults.splice(0);
}

const TAGS = Array.from({ length: 14 }, (_, at) => ['night', 'rain', 'close-up', 'two people talking', 'logo'][at % 5] + (at < 5 ? '' : ` ${at}`));
const much = (clip) => ({
  ...clip,
  video_title: LONG,
  tags: [...TAGS, 'x'.repeat(40)],
  note: `${SENTENCE}\n${SENTENCE}\n${'y'.repeat(120)}`,
  group_id: clip.id,
  claimed_by: 'Wilhelmina van der Westhuizen-Fitzgerald',
});

test('a clip of which there is much to say leaves room for the picture', { timeout: SLOW_MS }, async () => {
  await changed(page, '/v1/claims', (answer) => ({ ...answer, clips: answer.clips.map(much) }));
  await changed(page, /\/v1\/clips\/[^/]+$/, much);
  await review(page, `?video=${video}`);
  await seen(page, 'states-review-much');
});

test('a clip that is decided and looked at by another says both', { timeout: SLOW_MS }, async () => {
  await review(page, `?video=${video}`);
  await changed(page, /\/v1\/clips\/[^/]+$/, (clip) => ({ ...clip, state: 'embedding_failed', claimed_by: 'Ben', failure: null }));
  await page.reload();
  await page.locator('.strip-clip[aria-current]').waitFor();
  await page.getByText('Failed to index').waitFor();
  await seen(page, 'states-review-decided');
});

test('clips that are slow to come say so', { timeout: SLOW_MS }, async () => {
  await held(page, '/v1/claims');
  await page.goto(`${SITE}review.html?video=${video}`);
  await page.getByText('Loading clips…').waitFor();
  await seen(page, 'states-review-loading');
});

test('a clip whose picture is slow says so', { timeout: SLOW_MS }, async () => {
  await held(page, '/playback');
  await page.goto(`${SITE}review.html?video=${video}`);
  await page.getByText('Loading the clip…').waitFor();
  await page.locator('.strip-clip[aria-current]').waitFor();
  await seen(page, 'states-review-waits');
});

test('a clip without a picture says why, and can be tried again', { timeout: SLOW_MS }, async () => {
  await refused(page, '/playback', 503, 'The storage does not answer. Try again in a moment.');
  await page.goto(`${SITE}review.html?video=${video}`);
  await page.getByText('The storage does not answer.').waitFor();
  await page.locator('.strip-clip[aria-current]').waitFor();
  await seen(page, 'states-review-no-picture');
});

test('a queue that cannot be loaded says why', { timeout: SLOW_MS }, async () => {
  await refused(page, '/v1/claims', 503, 'The database does not answer.');
  await page.goto(`${SITE}review.html?video=${video}`);
  await page.getByRole('heading', { name: 'The queue could not be loaded' }).waitFor();
  await seen(page, 'states-review-trouble');
});

test('decisions without a connection stay in sight', { timeout: SLOW_MS }, async () => {
  await review(page, `?video=${video}`);
  await page.waitForTimeout(1_500);
  const first = clipOnScreen(page);
  me.watcher.offline = true;
  await page.context().setOffline(true);
  await page.keyboard.press('s');
  await otherClip(page, first);
  await page.keyboard.press('x');
  await page.getByText('2 decisions not saved yet').waitFor();
  await seen(page, 'states-review-offline');
  // Both are taken back before they were sent.
  await page.keyboard.press('u');
  await page.keyboard.press('u');
  await page.context().setOffline(false);
  await page.locator('[data-saved="true"]').waitFor();
  me.watcher.offline = false;
});

test('decisions that were refused stay in sight, each with its reason', { timeout: SLOW_MS }, async () => {
  await review(page, `?video=${video}`);
  await refused(page, '/v1/actions', 409, 'Ben has approved this clip a minute ago, and has moved its end since. Look at it as it is now.');
  await page.keyboard.press('s');
  await page.getByRole('alert').first().waitFor();
  await page.keyboard.press('x');
  await page.getByRole('alert').nth(1).waitFor();
  await seen(page, 'states-review-refused');
});

test('a cut that is being moved, and one that is being saved', { timeout: SLOW_MS }, async () => {
  await review(page, `?video=${video}`);
  await openMiddle(page, video);
  await held(page, '/v1/actions');
  await page.keyboard.press(']');
  await page.keyboard.press(']');
  await page.getByText('Being cut…').waitFor();
  await seen(page, 'states-review-being-cut');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.reload();
  await page.locator('[data-saved="true"]').waitFor();
  await page.keyboard.press('u');
  await page.getByText(/Undone/).waitFor();
});

test('the dialogs of a clip with many tags and a note', { timeout: SLOW_MS }, async () => {
  await changed(page, '/v1/claims', (answer) => ({ ...answer, clips: answer.clips.map(much) }));
  await changed(page, /\/v1\/clips\/[^/]+$/, much);
  await changed(page, '/v1/tags', () => TAGS.map((tag) => ({ tag, clips: 3 })));
  await review(page, `?video=${video}`);
  await page.keyboard.press('t');
  await page.getByRole('dialog', { name: 'Tags' }).getByRole('listitem').first().waitFor();
  await seen(page, 'states-review-tags');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('n');
  await page.getByRole('dialog', { name: 'Note' }).waitFor();
  await seen(page, 'states-review-note');
  await page.keyboard.press('Escape');
});

test('the end of the queue says what there is to do', { timeout: SLOW_MS }, async () => {
  let left = 1;
  await changed(page, '/v1/claims', (answer) => ({ ...answer, clips: answer.clips.slice(0, Math.max(0, left--)) }));
  await review(page, `?video=${video}`);
  await page.keyboard.press('s');
  await page.getByRole('heading', { name: 'That was the last one' }).waitFor();
  await seen(page, 'states-review-last');
  await page.keyboard.press('u');
  await page.locator('.player-position[data-frame]').waitFor();
  await page.locator('[data-saved="true"]').waitFor();
});
