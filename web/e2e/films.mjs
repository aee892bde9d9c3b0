// Small films to upload, and the video of this suite that the other tests work on.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, before } from 'node:test';
import { ask, reopened } from './browser.mjs';
import { SITE, SLOW_MS, reviewer } from './reviewer.mjs';

const FOLDER = fileURLToPath(new URL('../../target/e2e/', import.meta.url));
const MEBIBYTE = 1024 * 1024;
const SIZE = 'size=320x180:rate=25';

/** What each shot shows; neighbours look nothing like each other. */
const SHOTS = [
  `testsrc2=${SIZE}`,
  `mandelbrot=${SIZE}`,
  `smptehdbars=${SIZE}`,
  `mandelbrot=${SIZE}:start_x=-1.25:start_y=0.02:start_scale=0.06`,
  `rgbtestsrc=${SIZE}`,
  `sierpinski=${SIZE}:seed=5`,
  `testsrc=${SIZE}`,
  `mandelbrot=${SIZE}:start_x=0.28:start_scale=0.05,hue=h=140`,
];

/** Seconds a shot, of which there are eight. */
export const SHOT_SECONDS = 1.6;
export const SHOT_COUNT = SHOTS.length;

/**
 * A film of eight shots, without sound. `paddingMebibytes` of an MP4 box that players pass over make it large
 * enough for several parts without anything to encode.
 */
export function film(name, paddingMebibytes = 0) {
  const path = `${FOLDER}${name}`;
  if (existsSync(path)) return path;
  mkdirSync(FOLDER, { recursive: true });
  const inputs = SHOTS.flatMap((shot) => ['-f', 'lavfi', '-t', String(SHOT_SECONDS), '-i', shot]);
  const streams = SHOTS.map((_, at) => `[${at}:v]format=yuv420p,setsar=1[v${at}]`);
  const joined = `${SHOTS.map((_, at) => `[v${at}]`).join('')}concat=n=${SHOTS.length}[v]`;
  const output = ['-map', '[v]', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-movflags', '+faststart'];
  const part = `${path}.part.mp4`;
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...inputs, '-filter_complex', [...streams, joined].join(';'), ...output, part]);
  if (paddingMebibytes > 0) {
    const box = Buffer.alloc(8);
    box.writeUInt32BE(8 + paddingMebibytes * MEBIBYTE);
    box.write('free', 4);
    appendFileSync(part, box);
    for (let written = 0; written < paddingMebibytes; written += 1) appendFileSync(part, Buffer.alloc(MEBIBYTE));
  }
  renameSync(part, path);
  return path;
}

/** The film so many times over: one that is under way for a while. */
export function longFilm(name, times) {
  const path = `${FOLDER}${name}`;
  if (existsSync(path)) return path;
  const part = `${path}.part.mp4`;
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-stream_loop', String(times - 1), '-i', film('once.mp4'), '-c', 'copy', part]);
  renameSync(part, path);
  return path;
}

export function card(page, title) {
  return page.locator('.video-card').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
}

/** Chooses files as a person does, past the dialog of the system. */
export function choose(page, ...paths) {
  return page.locator('input[type="file"]').setInputFiles(paths);
}

export const TITLE = 'A walk by the harbour';

/** The video of this suite, ready; uploads it through the page where an earlier test has not. Needs the library. */
export async function ownVideo(page) {
  const find = async () => {
    const { items } = await ask(page, `/v1/videos?text=${encodeURIComponent(TITLE)}`);
    // The text is looked for in more than names.
    return items.find(({ state, title }) => state === 'ready' && title === TITLE);
  };
  const known = await find();
  if (known) return known;
  await choose(page, film(`${TITLE}.mp4`));
  await card(page, TITLE).locator('[data-state="ready"]').waitFor({ timeout: 150_000 });
  return find();
}

/**
 * Begins at the library before the tests of a file, and ends after them; `given` takes the reviewer, the page and the
 * video, and may go on from there.
 */
export function atOwnVideo(given) {
  let me;
  before(async () => {
    me = await reviewer();
    const { page } = me;
    await page.goto(`${SITE}index.html`);
    await page.getByRole('button', { name: 'Upload videos' }).waitFor();
    const video = await ownVideo(page);
    await reopened(page, video.id);
    await given({ me, page, video });
  }, { timeout: SLOW_MS });
  after(() => me?.close());
}
