// How fast the review is: SITE_URL=http://…/index.html node e2e/speed.mjs [decisions]
// Decides about clip after clip as soon as the next one is fetched, and writes what it measured into the benchmarks' page.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ask, send } from './browser.mjs';
import { counterFilm, ingested } from './material.mjs';
import { clipOnScreen, review, reviewer, saved, signedIn } from './reviewer.mjs';

const DECISIONS = Number(process.argv[2] ?? 220);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = `${ROOT}tests/bench/README.md`;
const FROM = '<!-- review: written by speed.mjs -->';
const TO = '<!-- end of review -->';
/** Skipped and archived only: an approval would start an export beside the measurement. */
const KEYS = ['s', 'x'];
const ROUNDS = 13;

/** The counter film again and again: some five minutes, a hundred cuts. Of a new name, since a run uses up its clips. */
async function longFilm() {
  const path = `${ROOT}target/e2e/speed-film-${Date.now()}.mp4`;
  const once = await counterFilm();
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-stream_loop', String(ROUNDS - 1), '-i', once, '-c', 'copy', path]);
  return path;
}

/** Cuts clips in half by the API until enough of them wait, and gives up the claims that come with it. */
async function enoughClips(page, video) {
  const own = crypto.randomUUID();
  const waiting = async () => (await ask(page, `/v1/clips?video=${video}&state=pending_review&limit=500`)).items;
  for (let clips = await waiting(); clips.length < DECISIONS + 14; clips = await waiting()) {
    const longest = clips.toSorted((a, b) => b.end_frame - b.start_frame - (a.end_frame - a.start_frame)).slice(0, 60);
    for (const { id, version, start_frame: start, end_frame: end } of longest) {
      const action = { kind: 'split', clip: { id, version }, frame: Math.floor((start + end) / 2) };
      await send(page, 'POST', '/v1/actions', { request_id: crypto.randomUUID(), page: own, took_ms: 0, action });
    }
  }
  await send(page, 'POST', '/v1/claims/leave', { page: own });
}

/** The clip on screen plays, and the next one lies ready in the other video element. */
function isWarm(page, clip) {
  return page.waitForFunction((clip) => {
    const position = document.querySelector('.player-position');
    const hidden = document.querySelector('.player-stage video:not(.is-shown)');
    const next = document.querySelector('clip-player')?.next?.clipId;
    return position?.dataset.clip === clip && hidden && hidden.dataset.clip === next && hidden.readyState >= 2;
  }, clip);
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

const measured = (page) =>
  page.evaluate(() => ({
    frames: performance.getEntriesByName('heaters:decision-to-next-frame').map((entry) => entry.duration),
    actions: performance
      .getEntriesByType('resource')
      .filter((entry) => new URL(entry.name).pathname.endsWith('/v1/actions') && entry.initiatorType === 'fetch')
      .map((entry) => entry.responseEnd - entry.startTime),
    reads: performance
      .getEntriesByType('resource')
      .filter((entry) => /\/v1\/(claims|clips|videos)/.test(entry.name))
      .map((entry) => entry.responseEnd - entry.startTime),
  }));

async function run() {
  const me = await reviewer();
  const { page } = me;
  try {
    await signedIn(page);
    const film = await longFilm();
    const video = await ingested(film, async () => (await ask(page, '/v1/videos?limit=100')).items);
    rmSync(film);
    await enoughClips(page, video);
    await review(page, `?video=${video}`);
    await page.evaluate(() => performance.setResourceTimingBufferSize(20_000));
    const begun = performance.now();
    for (let decision = 0; decision < DECISIONS; decision += 1) {
      const clip = clipOnScreen(page);
      await isWarm(page, clip);
      await page.keyboard.press(KEYS[decision % KEYS.length]);
      await page.waitForFunction(
        (count) => performance.getEntriesByName('heaters:decision-to-next-frame').length > count,
        decision,
      );
    }
    const seconds = (performance.now() - begun) / 1000;
    await saved(page);
    return { seconds, browser: me.browser.version(), ...(await measured(page)) };
  } finally {
    await me.close();
  }
}

const { seconds, browser, frames, actions, reads } = await run();
const ms = (value) => `${Math.round(value)} ms`;
const row = (name, values, aim) =>
  `| ${name} | ${values.length} | ${ms(quantile(values, 0.5))} | ${ms(quantile(values, 0.95))} | ${ms(Math.max(...values))} | ${aim} |`;
const table = [
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${process.arch}, Chromium ${browser}. ${DECISIONS} decisions in ${Math.round(seconds)} s: **${Math.round((DECISIONS / seconds) * 3600).toLocaleString('en')} decisions an hour**, with no time to look.`,
  '',
  '| | measured | p50 | p95 | largest | aim |',
  '|---|---|---|---|---|---|',
  row("key press to the next clip's first frame", frames, 'p95 ≤ 100 ms'),
  row('API: an action, as the page waits for it', actions, ''),
  row('API: claims, clips, playback and timelines', reads, ''),
].join('\n');
process.stdout.write(`${table}\n`);
const text = readFileSync(PAGE, 'utf8');
const [before, rest] = text.split(FROM);
if (rest === undefined) throw new Error(`${PAGE} has no place for the table.`);
writeFileSync(PAGE, `${before}${FROM}\n\n${table}\n\n${TO}${rest.split(TO)[1]}`);
