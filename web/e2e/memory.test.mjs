// Clips that are held in memory: each for as long as something plays it or may play it soon, and no longer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from './browser.mjs';
import { atCounterFilm, clipsOf } from './counter.mjs';
import { answered } from './pretend.mjs';
import { SITE, SLOW_MS, clipOnScreen, otherClip, review } from './reviewer.mjs';

/** The clip on screen, three to come, the neighbours, the one decided last; and what two elements had before. */
const MOST_HELD = 9;

let me;
let page;
let video;
atCounterFilm((given) => ({ me, page, video } = given));

/** Counts the addresses that are good, and those that were given back while an element had them. */
async function counting() {
  await page.addInitScript(() => {
    const { createObjectURL: create, revokeObjectURL: revoke } = URL;
    const memory = (window.memory = { live: new Set(), made: 0, early: 0 });
    URL.createObjectURL = (blob) => {
      const address = create.call(URL, blob);
      memory.live.add(address);
      memory.made += 1;
      return address;
    };
    URL.revokeObjectURL = (address) => {
      memory.live.delete(address);
      memory.early += [...document.querySelectorAll('video')].filter((one) => one.src === address).length;
      revoke.call(URL, address);
    };
  });
}

const memory = () => page.evaluate(() => ({ live: window.memory.live.size, made: window.memory.made, early: window.memory.early }));
const live = (wanted) => page.waitForFunction((wanted) => window.memory.live.size === wanted, wanted);

test('the review holds a handful of clips however many were seen, and none once it has none to show', { timeout: SLOW_MS }, async () => {
  await counting();
  const clips = await clipsOf(page, video);
  await review(page, `?video=${video}&clip=${clips[0].id}`);
  for (const key of [...clips.slice(1).map(() => 'ArrowDown'), ...clips.slice(1).map(() => 'ArrowUp')]) {
    const before = clipOnScreen(page);
    await page.keyboard.press(key);
    await otherClip(page, before);
    await page.waitForFunction(
      () => document.querySelector('.player-position')?.dataset.clip === new URL(location.href).searchParams.get('clip'),
    );
  }
  const { live: held, made, early } = await memory();
  assert.ok(made > held && held <= MOST_HELD, `${held} of ${made} are held`);
  assert.equal(early, 0, 'none was given back while an element had it');
  await page.keyboard.press('f');
  await page.getByRole('dialog', { name: 'Which clips' }).getByLabel('Tag').fill('no-clip-has-this-tag');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Nothing to review' }).waitFor();
  await live(0);
  assert.equal((await memory()).early, 0);
  me.noFaults();
});

test('the grid holds the clip under the pointer alone', { timeout: SLOW_MS }, async () => {
  await page.goto(`${SITE}grid.html?video=${video}`);
  const options = page.getByRole('listbox', { name: 'Clips' }).getByRole('option');
  for (const at of [0, 1, 2]) {
    await options.nth(at).hover();
    await options.nth(at).locator('video').waitFor();
    await live(1);
  }
  await page.mouse.move(0, 0);
  await live(0);
  assert.deepEqual(await memory(), { live: 0, made: 3, early: 0 });
  me.noFaults();
});

test('the search gives back what its results have played when others come', { timeout: SLOW_MS }, async () => {
  const [main, ...others] = (await ask(page, `/v1/clips?video=${video}&limit=100`)).items;
  const results = (clips, next) => ({ items: clips.map((clip) => ({ percent: 50, similarity: 0.5, clip })), next_cursor: next });
  await answered(page, '/similar', results(others.slice(0, 3), 'more'));
  await page.goto(`${SITE}search.html?clip=${main.id}`);
  await live(1);
  const cards = page.locator('.similar-card');
  for (const at of [0, 1]) {
    await cards.nth(at).hover();
    await cards.nth(at).locator('video').waitFor();
  }
  await live(3);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await answered(page, '/similar', results(others.slice(3, 5), null));
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await page.locator(`.similar-card[data-clip="${others[3].id}"]`).waitFor();
  await live(1);
  assert.equal((await memory()).early, 0);
  me.noFaults();
});
