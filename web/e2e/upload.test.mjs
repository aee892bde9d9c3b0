// Files that go up through the page, whatever comes between: SITE_URL=http://…/index.html node --test e2e/upload.test.mjs
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { accessibilityFaults, photograph } from './browser.mjs';
import { card, choose, film } from './films.mjs';
import { SITE, reviewer } from './reviewer.mjs';

const SLOW_MS = 240_000;
/** Four parts of 16 MiB. */
const PADDING_MEBIBYTES = 52;
/** Another name each time, so that no earlier video is taken for this one. */
const TITLE = `In four parts ${Date.now()}`;

let me;
let page;
/** The parts that were sent, by number, in order. */
const sent = [];
/** Parts from this number on stay on their way. */
let heldFrom = Infinity;

function partOf(request) {
  if (request.method() !== 'PUT') return null;
  const number = new URL(request.url()).searchParams.get('partNumber');
  return number === null ? null : Number(number);
}

before(async () => {
  me = await reviewer();
  page = me.page;
  // Leaving with an upload under way asks first.
  page.on('dialog', (dialog) => dialog.accept());
  await page.route(
    (url) => url.searchParams.has('partNumber'),
    async (route) => {
      const part = partOf(route.request());
      if (part === null || part < heldFrom) await route.continue();
    },
  );
  page.on('requestfinished', (request) => {
    const part = partOf(request);
    if (part !== null) sent.push(part);
  });
  await page.goto(`${SITE}index.html`);
  await page.getByRole('button', { name: 'Upload videos' }).waitFor();
});

after(async () => {
  rmSync(film(`${TITLE}.mp4`, PADDING_MEBIBYTES));
  await me?.close();
});

const row = (phase) => page.locator(`.upload-row[data-phase="${phase}"]`);

test('a reload in the middle of an upload loses nothing that was sent', { timeout: SLOW_MS }, async () => {
  const path = film(`${TITLE}.mp4`, PADDING_MEBIBYTES);
  heldFrom = 3;
  await choose(page, path);
  await row('sending').waitFor();
  await page.waitForFunction(() => document.querySelector('.upload-row progress')?.value >= 60, null, { timeout: 60_000 });
  assert.match(await row('sending').innerText(), /of 5\d(\.\d)? MB/);
  await photograph(page, 'upload-sending');
  assert.deepEqual(await accessibilityFaults(page), []);
  assert.deepEqual(sent.splice(0).sort(), [1, 2]);

  await page.reload();
  await row('interrupted').getByText('choose the file again').waitFor();
  await page.waitForFunction(() => document.querySelector('.upload-row progress')?.value >= 60);
  await photograph(page, 'upload-interrupted');
  assert.deepEqual(await accessibilityFaults(page), []);

  await choose(page, path);
  await row('sending').getByRole('button', { name: /^Pause/ }).click();
  await row('paused').getByRole('button', { name: /^Resume/ }).waitFor();
  heldFrom = Infinity;
  await page.keyboard.press('Tab');
  await row('paused').getByRole('button', { name: /^Resume/ }).press('Enter');

  // The row goes as soon as the video is there, and the video becomes ready by itself.
  await card(page, TITLE).waitFor({ timeout: 60_000 });
  await page.locator('.upload-row').waitFor({ state: 'detached' });
  await card(page, TITLE).locator('progress, [data-state="ready"]').first().waitFor();
  await photograph(page, 'library-under-way');
  await card(page, TITLE).locator('[data-state="ready"]').waitFor({ timeout: 150_000 });
  assert.deepEqual(sent.splice(0).sort(), [3, 4]);
  me.noFaults();
});

test('a lost connection is waited out', { timeout: SLOW_MS }, async () => {
  heldFrom = 1;
  me.watcher.offline = true;
  await choose(page, film('Second take.mp4'));
  await row('sending').waitFor();
  await page.context().setOffline(true);
  await row('sending').getByText(/Trying again/).waitFor();
  await photograph(page, 'upload-offline');
  assert.deepEqual(await accessibilityFaults(page), []);
  heldFrom = Infinity;
  await page.context().setOffline(false);
  // The row goes as soon as its own video is there; an earlier one may have the same name.
  await page.locator('.upload-row').waitFor({ state: 'detached', timeout: 60_000 });
  await card(page, 'Second take').first().waitFor();
  me.watcher.offline = false;
  me.watcher.faults.splice(0);
});

test('files are dropped anywhere, refused with a sentence, and cancelled', { timeout: SLOW_MS }, async () => {
  heldFrom = 1;
  const transfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([], 'nothing.mp4'));
    transfer.items.add(new File(['x'.repeat(1000)], 'dropped.mp4'));
    return transfer;
  });
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
  await page.getByText('Drop to upload').waitFor();
  await photograph(page, 'upload-drop');
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
  await page.getByText('Drop to upload').waitFor({ state: 'detached' });
  await row('failed').getByText('The file is empty.').waitFor();
  await row('sending').getByText('dropped.mp4', { exact: true }).first().waitFor();
  await row('sending').getByRole('button', { name: /^Cancel/ }).click();
  await row('failed').getByRole('button', { name: /^Dismiss/ }).click();
  await page.locator('.upload-row').waitFor({ state: 'detached' });
  await page.reload();
  await page.locator('.video-card').first().waitFor();
  assert.equal(await page.locator('.upload-row').count(), 0);
  me.noFaults();
});
