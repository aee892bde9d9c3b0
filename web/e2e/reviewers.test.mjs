// Several reviewers at once, and a connection that comes and goes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask } from './browser.mjs';
import { counterVideo } from './material.mjs';
import { SITE, SLOW_MS, clipAsked, clipOnScreen, otherClip, press, review, reviewer, saved, signedIn } from './reviewer.mjs';

let ada;
let ben;
let video;

before(async () => {
  ada = await reviewer({ person: 'ada' });
  ben = await reviewer({ browser: ada.browser, person: 'ben' });
  await signedIn(ada.page);
  video = await counterVideo(async () => (await ask(ada.page, '/v1/videos?limit=100')).items);
  // As much as there is, so that both find something.
  await review(ada.page, `?video=${video}`);
}, { timeout: SLOW_MS });

after(async () => {
  await ben?.close();
  await ada?.close();
});

const on = (person) => clipOnScreen(person.page);
const waiting = async (person = ada) => (await ask(person.page, `/v1/clips?video=${video}&state=pending_review&limit=100`)).items.map(({ id }) => id);

test('both are who they signed in as', { timeout: SLOW_MS }, async () => {
  await signedIn(ben.page);
  assert.deepEqual([(await ask(ada.page, '/v1/me')).name, (await ask(ben.page, '/v1/me')).name], ['Ada', 'Ben']);
});

/** Collects the clips that a page is given. */
function claims(page) {
  const given = new Set();
  page.on('response', async (response) => {
    if (!new URL(response.url()).pathname.endsWith('/v1/claims')) return;
    const { clips } = await response.json().catch(() => ({ clips: [] }));
    for (const { id } of clips) given.add(id);
  });
  return given;
}

test('two reviewers never get one clip, and what one leaves the other gets', { timeout: SLOW_MS }, async () => {
  const all = await waiting();
  assert.ok(all.length >= 4, `${all.length} clips wait; the test needs 4`);
  const [adas, bens] = [claims(ada.page), claims(ben.page)];
  await review(ada.page, `?video=${video}`);
  assert.ok(adas.has(on(ada)));
  await ben.page.goto(ada.page.url().replace(/&clip=.*/, ''));
  await ben.page.waitForFunction(
    () => document.querySelector('.player-position[data-frame]') || document.querySelector('.review .empty h1'),
  );
  assert.deepEqual([...bens].filter((id) => adas.has(id)), [], 'Ben was given clips that Ada has');
  await ada.page.goto('about:blank');
  for (let tries = 0; tries < 100 && ![...bens].some((id) => adas.has(id)); tries += 1) await ben.page.waitForTimeout(200);
  assert.ok([...bens].some((id) => adas.has(id)), 'Ben gets what Ada left');
  ben.noFaults();
  await signedIn(ada.page);
});

test('a page that is left while it asks for clips holds none, however late that arrives', { timeout: SLOW_MS }, async () => {
  await ben.page.goto('about:blank');
  let late;
  const asked = new Promise((resolve) => (late = resolve));
  await ada.page.route('**/v1/claims', (route) => late(route.request()));
  await ada.page.goto(`${SITE}review.html?video=${video}`);
  const request = await asked;
  await ada.page.goto('about:blank');
  await ada.page.waitForTimeout(1_500);
  const { authorization } = await request.allHeaders();
  const answer = await ada.context.request.post(request.url(), { headers: { authorization }, data: request.postDataJSON() });
  assert.deepEqual([answer.status(), (await answer.json()).clips], [200, []]);
  await ada.page.unroute('**/v1/claims');
  const bens = claims(ben.page);
  await review(ben.page, `?video=${video}`);
  assert.equal(bens.size, (await waiting(ben)).length, 'Ben gets all clips at once');
  ben.noFaults();
  await signedIn(ada.page);
});

test('what another decides shows without a reload, and a late decision is refused with a sentence', { timeout: SLOW_MS }, async () => {
  await review(ben.page, `?video=${video}`);
  const clip = on(ben);
  // A link leads Ada to the clip that Ben has.
  await review(ada.page, `?video=${video}&clip=${clip}`);
  await ada.page.getByText('Ben is looking at it').waitFor();
  await ada.page.keyboard.press('a');
  await ada.page.getByRole('alert').filter({ hasText: /Not saved: approval/ }).waitFor();
  assert.equal((await clipAsked(ada.page, clip)).state, 'pending_review');
  await press(ben.page, 's');
  await otherClip(ben.page, clip);
  await review(ada.page, `?video=${video}&clip=${clip}`);
  await ada.page.getByText('Already skipped').waitFor();
  await press(ben.page, 'u', '/v1/undo');
  await ada.page.getByText('Already skipped').waitFor({ state: 'detached', timeout: 15_000 });
  ben.noFaults();
});

test('without a connection decisions wait in sight, survive a reload, and are saved in order', { timeout: SLOW_MS }, async () => {
  const { page, watcher, context } = ben;
  // What Ada's page holds would be missing here.
  await ada.page.goto('about:blank');
  await review(page, `?video=${video}`);
  const first = on(ben);
  await page.waitForTimeout(1_500);
  watcher.offline = true;
  await context.setOffline(true);
  await page.keyboard.press('x');
  const second = await otherClip(page, first);
  await page.keyboard.press('s');
  await page.getByText('2 decisions not saved yet').waitFor();
  await context.setOffline(false);
  await page.reload();
  await saved(page);
  watcher.offline = false;
  assert.deepEqual(
    [(await clipAsked(page, first)).state, (await clipAsked(page, second)).state],
    ['review_archived', 'review_skipped'],
  );
  await press(page, 'u', '/v1/undo');
  await press(page, 'u', '/v1/undo');
  await saved(page);
  assert.deepEqual(
    [(await clipAsked(page, first)).state, (await clipAsked(page, second)).state],
    ['pending_review', 'pending_review'],
  );
  watcher.faults.splice(0);
});
