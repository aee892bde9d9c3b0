// The library in every state that a video may be in: SITE_URL=http://…/index.html node --test e2e/states-library.test.mjs
import { afterEach, test } from 'node:test';
import { accessibilityFaults } from './browser.mjs';
import { atOwnVideo, card, choose, film } from './films.mjs';
import { LONG, SENTENCE, answered, asItIs, changed, held, refused, seen } from './pretend.mjs';
import { SITE, SLOW_MS } from './reviewer.mjs';
import assert from 'node:assert/strict';

let me;
let page;
let video;
atOwnVideo((given) => ({ me, page, video } = given));
afterEach(() => asItIs(me));

const download = (part) => ({ bytes_done: 48_300_000, bytes_total: null, bytes_per_second: 0, tries: 0, max_tries: 10, percent: null, ...part });
const failure = (sentence, stage) => ({ class: 'input', stage, subject: { video: video.id }, sentence, detail: 'exit status 1' });

const bare = { poster_url: null, width: null, height: null, fps: null, frames: null, has_sound: null, duration_seconds: null, clips: {}, stages: [] };
const coming = (title, part) => ({ ...bare, title, progress: 3, ...part });
const STATES = () => [
  coming('Not begun', { state: 'new', progress: 0 }),
  coming('From the web, of a known size', {
    state: 'downloading',
    site: 'example.org',
    progress: 12,
    download: download({ bytes_total: 412_000_000, bytes_per_second: 6_400_000 }),
  }),
  coming(LONG, { state: 'downloading', site: 'a-rather-long-name-of-a-site.example.org', download: download({ tries: 3 }) }),
  coming('Being read', { state: 'downloaded', progress: 14 }),
  { title: 'Being processed', state: 'preprocessing', progress: 57, clips: {}, poster_url: null },
  coming('Not to be had', { state: 'download_failed', site: 'example.org', failure: failure("The site answers that this video is private. Make it public, or upload the file instead.", 'download') }),
  { title: LONG, state: 'preprocess_failed', attempt: 3, clips: {}, failure: failure(SENTENCE, 'preprocess') },
  { title: 'Cancelled', state: 'cancelled', clips: {} },
  {
    title: 'A long evening',
    clips: {
      pending_review: 12_345, review_approved: 8, exporting: 2, keyframing: 1, embedding: 3, embedded: 2_310, review_skipped: 91,
      review_archived: 17, export_failed: 2, embedding_failed: 1, archived: 260, withdrawn: 4,
    },
  },
  { title: 'On its side', width: 1080, height: 1920, clips: { embedded: 12 }, duplicate_of: video.id },
];

/** As many videos as there are states, each in one. */
function eachState({ items }) {
  const [base] = items.filter(({ id }) => id === video.id);
  return { items: STATES().map((part, at) => ({ ...base, id: base.id.slice(0, -2) + String(10 + at), ...part })), next_cursor: null };
}

test('every state of a video has its place, its words and what can be done', { timeout: SLOW_MS }, async () => {
  await changed(page, '/v1/videos', eachState);
  await page.goto(`${SITE}index.html`);
  await card(page, 'On its side').waitFor();
  await seen(page, 'states-library');
  const tall = page.viewportSize();
  await page.setViewportSize({ width: 1280, height: 3200 });
  await page.locator('.failed-clips summary').click();
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.setViewportSize(tall);
});

test('what cannot be done is said at the video', { timeout: SLOW_MS }, async () => {
  await refused(page, `/v1/videos/${video.id}`, 409, 'Two clips of this video are being exported. Delete it once they are done.');
  await page.goto(`${SITE}index.html`);
  const own = page.locator(`[data-video="${video.id}"]`);
  await own.getByRole('button', { name: /^Delete/ }).click();
  await own.getByRole('alert').waitFor();
  await own.scrollIntoViewIfNeeded();
  await seen(page, 'states-library-refused');
});

test('a library that is slow says that it loads', { timeout: SLOW_MS }, async () => {
  await held(page, '/v1/videos');
  await page.goto(`${SITE}index.html`);
  await page.getByText('Loading your videos…').waitFor();
  await seen(page, 'states-library-loading');
});

test('nothing deleted says so', { timeout: SLOW_MS }, async () => {
  await answered(page, '/v1/videos', { items: [], next_cursor: null });
  await page.goto(`${SITE}index.html?view=deleted`);
  await page.getByRole('heading', { name: /deleted/i }).waitFor();
  await seen(page, 'states-library-none-deleted');
});

test('several uploads stand one below the other, whatever became of each', { timeout: SLOW_MS }, async () => {
  page.once('dialog', (dialog) => dialog.accept());
  await page.route((url) => url.searchParams.has('partNumber'), () => undefined);
  await page.goto(`${SITE}index.html`);
  await page.getByRole('button', { name: 'Upload videos' }).waitFor();
  await choose(page, film('once.mp4'), film('Second take.mp4'));
  await page.getByRole('button', { name: /^Pause of Second/ }).click();
  await page.locator('input[type="file"]').setInputFiles([
    { name: `${LONG}.mov`, mimeType: 'video/quicktime', buffer: Buffer.alloc(0) },
    { name: 'notes.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(1000) },
  ]);
  await page.locator('.upload-row[data-phase="failed"]').waitFor();
  await seen(page, 'states-uploads');
  for (const words of [/^Cancel/, /^Dismiss/]) {
    while ((await page.getByRole('button', { name: words }).count()) > 0) await page.getByRole('button', { name: words }).first().click();
  }
  await page.locator('.upload-row').waitFor({ state: 'detached' });
});
