// A reviewer at the review page: what the tests press, see and hear.
import assert from 'node:assert/strict';
import { ask, launch, siteFolder, watch } from './browser.mjs';

export const SITE = siteFolder(process.env.SITE_URL);
export const SLOW_MS = 180_000;
/** Left to right, the bits of the frame's number, the lowest first; see `material.mjs`. */
const BLOCKS = 16;

/** Begins a browser with one page; `person` is another reviewer than the developer. */
export async function reviewer({ browser, person, viewport = { width: 1280, height: 800 }, ...more } = {}) {
  const own = browser ?? (await launch());
  const context = await own.newContext({ viewport, ...more });
  if (person) await signInAs(context, person);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const watcher = watch(page);
  const close = async () => {
    // A page that is left gives its clips to the next test; one that is killed keeps them for a lease.
    await page.goto('about:blank').catch(() => undefined);
    await page.waitForTimeout(300);
    await (browser ? context.close() : own.close());
  };
  return { browser: own, context, page, watcher, close, noFaults: () => assert.deepEqual(watcher.faults.splice(0), []) };
}

/** The local fabric's issuer takes a login hint for the name of who signs in. */
async function signInAs(context, person) {
  await context.route(/\/authorize\?/, (route) => route.continue({ url: `${route.request().url()}&login_hint=${person}` }));
}

/** Signs in, whether or not there is anything to review. */
export async function signedIn(page) {
  await page.goto(`${SITE}review.html`);
  await page.locator('.review').waitFor({ timeout: 60_000 });
}

/** Longer than a lease: what a page that was killed has claimed comes back after that. */
const CLIP_MS = 90_000;

/** Opens the review and waits for a clip and what surrounds it. */
export async function review(page, query = '') {
  await page.goto(`${SITE}review.html${query}`);
  await page.locator('.player-position[data-frame]').waitFor({ timeout: CLIP_MS });
  await page.locator('.strip-clip[aria-current]').waitFor();
}

/** The clip on screen, as the address says. */
export function clipOnScreen(page) {
  return new URL(page.url()).searchParams.get('clip');
}

export function clipAsked(page, id) {
  return ask(page, `/v1/clips/${id}`);
}

export async function clipNow(page) {
  return clipAsked(page, clipOnScreen(page));
}

/** Waits until this clip is on screen. */
export function onScreen(page, id) {
  return page.waitForFunction((id) => new URL(location.href).searchParams.get('clip') === id, id);
}

/** Waits until another clip is on screen, and gives its id. */
export async function otherClip(page, before) {
  const other = await page.waitForFunction((before) => {
    const clip = new URL(location.href).searchParams.get('clip');
    return clip !== before && clip;
  }, before);
  // What `page.url()` says comes a little later.
  return other.jsonValue();
}

/** Does something, and returns what the API answered to it. */
export async function hear(page, path, act) {
  const answer = page.waitForResponse(
    (response) => response.request().method() === 'POST' && new URL(response.url()).pathname.endsWith(path),
  );
  // Whatever goes wrong while it acts is told first; the answer is asked for afterwards.
  answer.catch(() => undefined);
  await act();
  const response = await answer.catch(async (error) => {
    const said = await page.locator('.review-message').allTextContents();
    throw new Error(`${error.message}; the page says: ${said.join(' ')}`, { cause: error });
  });
  assert.equal(response.status(), 200, await response.text());
  return response.json();
}

/** Presses a key that acts on clips, and returns the API's answer. */
export function press(page, key, path = '/v1/actions') {
  return hear(page, path, () => page.keyboard.press(key));
}

export async function saved(page) {
  await page.locator('[data-saved="true"]').waitFor();
}

/** The frame of the video that the page says is on screen. */
export function frameShown(page) {
  return page.locator('.player-position').evaluate((element) => Number(element.dataset.frame));
}

/** The number burned into the picture on screen, of the counter film. */
export function counterOnScreen(page) {
  return page.locator('.player-stage video.is-shown').evaluate((video, blocks) => {
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0);
    const side = canvas.width / blocks;
    let number = 0;
    for (let bit = 0; bit < blocks; bit += 1) {
      const [red] = context.getImageData(Math.floor((bit + 0.5) * side), Math.floor(side / 2), 1, 1).data;
      if (red > 127) number += 2 ** bit;
    }
    return number;
  }, BLOCKS);
}

/** Stops the player once it shows the clip of the address, and waits until nothing moves. */
export async function still(page) {
  await page.waitForFunction(
    () => document.querySelector('.player-position')?.dataset.clip === new URL(location.href).searchParams.get('clip'),
  );
  await page.evaluate(() => document.querySelector('clip-player').pause());
  await settled(page);
}

/** Waits until no seek is under way and two frames have been painted. */
export async function settled(page) {
  await page.waitForFunction(() => {
    const video = document.querySelector('.player-stage video.is-shown');
    return video && video.paused && !video.seeking && video.readyState >= 2;
  });
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60)))),
  );
}
