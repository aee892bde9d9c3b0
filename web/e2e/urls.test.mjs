// Videos from the web, by the form on the Library page: SITE_URL=http://…/index.html node --test e2e/urls.test.mjs
// The fabric of tests lets its functions reach this machine, where the films are served from.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { accessibilityFaults, photograph } from './browser.mjs';
import { card, film } from './films.mjs';
import { SITE, reviewer } from './reviewer.mjs';

const SLOW_MS = 240_000;
const PADDING_MEBIBYTES = 24;
/** Slow enough that the download is seen on its way. */
const BYTES_A_SECOND = 4 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;
/** Of this run alone, in title and bytes: what an earlier one has brought would be known. */
const STAMP = Date.now();
const TITLE = `Across the bay ${STAMP}`;

let me;
let page;
let server;
let address;
let bytes;
const path = `/${encodeURIComponent(TITLE)}.mp4`;

before(async () => {
  bytes = readFileSync(film('Across the bay.mp4', PADDING_MEBIBYTES));
  bytes.writeDoubleLE(STAMP, bytes.length - 8);
  server = createServer(serve);
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${server.address().port}`;
  me = await reviewer();
  page = me.page;
  await page.goto(`${SITE}index.html`);
  await page.getByRole('button', { name: 'Upload videos' }).waitFor();
});

after(async () => {
  server?.closeAllConnections();
  server?.close();
  await me?.close();
});

/** One film, by ranges too, whatever its address asks for behind the name. */
async function serve(request, response) {
  if (!request.url.startsWith(path)) {
    response.writeHead(404).end();
    return;
  }
  const size = bytes.length;
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
  const [start, end] = [Number(from ?? 0), to ? Math.min(Number(to) + 1, size) : size];
  response.writeHead(from === undefined ? 200 : 206, {
    'Content-Type': 'video/mp4',
    'Content-Length': end - start,
    'Accept-Ranges': 'bytes',
    ETag: '"1"',
    ...(from === undefined ? {} : { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
  });
  for (let at = start; at < end && request.method !== 'HEAD' && !response.destroyed; at += PIECE_BYTES) {
    response.write(bytes.subarray(at, Math.min(at + PIECE_BYTES, end)));
    await pause((1000 * PIECE_BYTES) / BYTES_A_SECOND);
  }
  response.end();
}

function field() {
  return page.getByRole('textbox', { name: /^Addresses of videos/ });
}

function outcome(kind) {
  return page.locator('.url-form-outcomes li').filter({ has: page.locator(`[data-outcome="${kind}"]`) });
}

test('addresses are judged one by one, and what is refused stays to be mended', { timeout: SLOW_MS }, async () => {
  await page.getByRole('button', { name: 'Add from the web' }).press('Enter');
  await field().press('Control+Enter');
  await page.getByRole('alert').getByText('Paste the address of a video first.').waitFor();
  assert.equal(await field().evaluate((element) => element === document.activeElement), true);
  const refused = {
    'ftp://example.org/film.mp4': 'Only http and https addresses can be fetched, not ftp.',
    'https://anna:secret@example.org/film.mp4': 'The address holds a user name or a password: those are not sent.',
    'http://10.0.0.1/film.mp4': "10.0.0.1 can't be fetched from: 10.0.0.1 is private.",
  };
  const urls = Object.keys(refused).join('\n');
  await field().fill(urls);
  await page.getByRole('button', { name: 'Add videos' }).click();
  await page.getByRole('status').getByText('3 refused.').waitFor();
  for (const [url, why] of Object.entries(refused)) {
    await outcome('refused').filter({ hasText: url }).getByText(why, { exact: true }).waitFor();
  }
  assert.equal(await field().inputValue(), urls);
  assert.deepEqual(await accessibilityFaults(page), []);
  await photograph(page, 'urls-refused');
  me.noFaults();
});

test('a film comes by its address, with its progress, and is known when it is named again', { timeout: SLOW_MS }, async () => {
  const url = `${address}${path}`;
  await field().fill(url);
  await page.getByRole('button', { name: 'Add videos' }).press('Enter');
  await page.getByRole('status').getByText('1 accepted.').waitFor();
  assert.equal(await field().inputValue(), '');
  const coming = page.locator('.video-card').filter({ has: page.locator('download-line p') });
  await coming.getByText(/\d.* of \d.*MB/).waitFor({ timeout: 60_000 });
  // Its address as people write it, until the site has said its title.
  await coming.getByRole('heading', { name: `127.0.0.1/${TITLE}.mp4`, exact: true }).waitFor();
  await photograph(page, 'urls-downloading');
  assert.deepEqual(await accessibilityFaults(page), []);
  const here = card(page, TITLE).first();
  await here.locator('[data-state="ready"]').waitFor({ timeout: 150_000 });
  await here.getByText('from 127.0.0.1').waitFor();

  await field().fill(url);
  await page.getByRole('button', { name: 'Add videos' }).click();
  await page.getByRole('status').getByText('1 here already.').waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await photograph(page, 'urls-duplicate');
  const before = await card(page, TITLE).count();
  await outcome('duplicate').getByRole('button', { name: /^Ingest anyway/ }).press('Enter');
  await page.getByRole('status').getByText('1 accepted.').waitFor();
  await page.waitForFunction((before) => document.querySelectorAll('.video-card').length > before, before);
  await card(page, TITLE).nth(before).locator('[data-state="ready"]').waitFor({ timeout: 150_000 });
  me.noFaults();
});
