// The browser, what must not happen in it, and what the tests ask of the API as the person signed in.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const SCREENSHOTS = fileURLToPath(new URL('../../target/screenshots/', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The folder of the pages, whichever page of it was named. */
export function siteFolder(address) {
  if (!address) throw new Error('SITE_URL has to be the address of a running site with at least 3 clips to review.');
  return new URL('.', address.endsWith('.html') || address.endsWith('/') ? address : `${address}/`).href;
}

export function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

/** Collects everything that must not happen on a page. */
export function watch(page) {
  const faults = [];
  const watcher = { faults, offline: false };
  const note = (fault) => faults.push(fault);
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    if (watcher.offline && message.text().includes('ERR_INTERNET_DISCONNECTED')) return;
    note(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => note(`page error: ${error.message}`));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    if (watcher.offline && reason === 'net::ERR_INTERNET_DISCONNECTED') return;
    // Leaving a page or a clip ends what was still loading for it.
    if (reason === 'net::ERR_ABORTED') return;
    note(`request failed: ${request.method()} ${request.url()}: ${reason}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) note(`status ${response.status()}: ${response.url()}`);
  });
  return watcher;
}

/** Throws where a button is narrower than what it says, or the page wider than the screen. */
async function nothingCutOff(page, where) {
  const faults = await page.evaluate(() => {
    const shown = [...document.querySelectorAll('.button')].filter((button) => button.checkVisibility());
    const names = shown.filter((button) => button.scrollWidth > button.clientWidth).map((button) => button.innerText);
    const wide = document.documentElement.scrollWidth > innerWidth ? ['the page'] : [];
    return [...names, ...wide];
  });
  if (faults.length > 0) throw new Error(`${where}: too wide for their place: ${faults.join(', ')}`);
}

/** Saves the page as it is, narrow and wide, light and dark. */
export async function photograph(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const size = page.viewportSize();
  for (const colorScheme of ['light', 'dark']) {
    // A colour on its way to another would be pictured as it happens to be.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of [360, 768, 1440]) {
      await page.setViewportSize({ width, height: width < 500 ? 740 : 900 });
      await nothingCutOff(page, `${name} at ${width} px`);
      await page.screenshot({ path: `${SCREENSHOTS}${name}-${width}-${colorScheme}.png` });
    }
  }
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
}

/** Lets the transitions end that had begun before. */
function stillColours(page) {
  return page.evaluate(() => {
    const passing = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(passing.map((one) => one.finished)).then(() => undefined);
  });
}

/** What axe finds on the page, in light and in dark, one line each. */
export async function accessibilityFaults(page) {
  const faults = [];
  for (const colorScheme of ['light', 'dark']) {
    // A colour on its way to another would be measured as it happens to be.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await stillColours(page);
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => window.axe.run(document));
    for (const { id, help, nodes } of violations) {
      faults.push(...nodes.map((node) => `${colorScheme}: ${id}: ${help}: ${node.target.join(' ')}`));
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
  return faults;
}

/** Sends something to the API with the page's own token. */
export async function send(page, method, path, body) {
  const answer = await page.evaluate(
    async ({ method, path, body }) => {
      const { api_url: api } = await (await fetch('config.json')).json();
      const { access: token } = JSON.parse(sessionStorage.getItem('heaters.session'));
      const headers = { Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) };
      const response = await fetch(api.replace(/\/+$/, '') + path, { method, headers, body: body && JSON.stringify(body) });
      return { status: response.status, body: await response.json() };
    },
    { method, path, body },
  );
  if (answer.status !== 200) throw new Error(`${method} ${path}: status ${answer.status}: ${answer.body?.detail}`);
  return answer.body;
}

/** Asks the API with the page's own token. */
export function ask(page, path) {
  return send(page, 'GET', path);
}

/** The state, position and settings of the video on screen. */
export function videoOnScreen(page) {
  return page.locator('.player-stage video.is-shown').evaluate((video) => ({
    muted: video.muted,
    loop: video.loop,
    paused: video.paused,
    time: video.currentTime,
    width: video.videoWidth,
  }));
}

/** Waits until the video on screen moves. */
export async function playing(page) {
  await page.waitForFunction(() => {
    const video = document.querySelector('.player-stage video.is-shown');
    if (!video || video.paused || video.readyState < 2) return false;
    const before = Number(video.dataset.seen ?? video.currentTime);
    video.dataset.seen ??= String(before);
    return video.currentTime !== before;
  });
}

/** A test that failed may have left decisions: all clips wait for review again. */
export async function reopened(page, video) {
  const { items } = await ask(page, `/v1/clips?video=${video}&limit=100`);
  const clips = items.filter(({ state }) => !['pending_review', 'archived'].includes(state)).map(({ id, version }) => ({ id, version }));
  if (clips.length === 0) return;
  await send(page, 'POST', '/v1/actions', { request_id: randomUUID(), page: randomUUID(), took_ms: 0, action: { kind: 'reopen', clips } });
}
