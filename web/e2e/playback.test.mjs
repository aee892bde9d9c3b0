// A clip put together from its parts, in a real browser: every frame is where the API says, also across the border
// of two chunks, with a variable frame rate and with sound. SITE_URL=http://…/index.html
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, launch, siteFolder } from './browser.mjs';

const SITE = siteFolder(process.env.SITE_URL);
const FRAMES = 402;
/** Chunks are equal shares of about 30 s: there are two, which meet at a key frame near this one. */
const BORDER = 201;
const NAME = `frames ${Date.now()}.mp4`;

let browser;
let page;
let folder;

/** 48 s whose frames last 40, 80 or 240 ms in turn, each with its number in four blocks of eight greys. */
function makeVideo(path) {
  const digit = (place) => `mod(floor(N/${8 ** place}),8)`;
  const code = `16+28*if(lt(X,40),${digit(0)},if(lt(X,80),${digit(1)},if(lt(X,120),${digit(2)},${digit(3)})))`;
  const picture = `geq=lum='if(lt(Y,64),90,${code})':cb=128:cr=128`;
  // Three frames take 9 ticks of 40 ms: the first one tick, the second two, the third six.
  const times = "setpts='(floor(N/3)*9+if(eq(mod(N,3),1),1,if(eq(mod(N,3),2),3,0)))/25/TB+0.5'";
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `color=gray:s=160x96:r=25:d=${FRAMES / 25},${picture},${times}`],
    ...['-f', 'lavfi', '-i', 'sine=f=330:d=49', '-fps_mode', 'passthrough', '-c:v', 'libx264', '-qp', '4', '-g', '9'],
    ...['-bf', '0', '-c:a', 'aac', path],
  ]);
}

/** Uploads the file as a page does, and returns its video once it is ready. */
async function ingest(path) {
  const bytes = readFileSync(path).toString('base64');
  await page.evaluate(
    async ([name, bytes]) => {
      const { api_url: api } = await (await fetch('config.json')).json();
      const { access: token } = JSON.parse(sessionStorage.getItem('heaters.session'));
      const body = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0));
      const post = async (path, json) => {
        const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
        const answer = await fetch(api + path, { method: 'POST', headers, body: JSON.stringify(json) });
        if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
        return answer.json();
      };
      const { upload } = await post('/v1/uploads', { name, size_bytes: body.length, last_modified_ms: 0 });
      const { parts } = await post(`/v1/uploads/${upload}/parts`, { numbers: [1] });
      const sent = await fetch(parts[0].url, { method: 'PUT', body });
      if (!sent.ok) throw new Error(`the part: ${sent.status}`);
      await post(`/v1/uploads/${upload}/complete`, {});
    },
    [NAME, bytes],
  );
  for (;;) {
    const { items } = await ask(page, `/v1/videos?text=${encodeURIComponent(NAME)}`);
    if (items[0]?.state === 'ready') return items[0];
    assert.ok(!items[0]?.failure, JSON.stringify(items[0]?.failure));
    await pause(500);
  }
}

/** Plays the parts as a Blob, looks at some frames, and says what was seen. */
function look(playback, wanted) {
  return page.evaluate(
    async ([playback, wanted]) => {
      const part = async ({ inline, url, start, end }) => {
        if (inline) return Uint8Array.from(atob(inline), (character) => character.charCodeAt(0));
        const answer = await fetch(playback.urls[url], { headers: { Range: `bytes=${start}-${end - 1}` } });
        if (answer.status !== 206) throw new Error(`a part: ${answer.status}`);
        return answer.blob();
      };
      const blob = new Blob(await Promise.all(playback.parts.map(part)), { type: 'video/mp4' });
      const video = Object.assign(document.createElement('video'), { src: URL.createObjectURL(blob), muted: true });
      document.body.append(video);
      await new Promise((resolve, reject) => {
        video.onloadeddata = resolve;
        video.onerror = () => reject(new Error(video.error.message));
      });
      const tick = playback.time_base.num / playback.time_base.den;
      const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 96 });
      const pixels = canvas.getContext('2d', { willReadFrequently: true });
      const number = () => {
        pixels.drawImage(video, 0, 0, 160, 96);
        const digit = (place) => {
          const [red] = pixels.getImageData(20 + 40 * place, 80, 1, 1).data;
          // Limited range: luma 16 is black.
          return Math.round((red * (219 / 255)) / 28);
        };
        return [0, 1, 2, 3].reduce((sum, place) => sum + digit(place) * 8 ** place, 0);
      };
      const seen = [];
      for (const frame of wanted) {
        const end = playback.pts[frame + 1] ?? playback.duration_seconds / tick;
        const shown = new Promise((resolve) => video.requestVideoFrameCallback((_, { mediaTime }) => resolve(mediaTime)));
        const arrived = new Promise((resolve) => (video.onseeked = resolve));
        video.currentTime = ((playback.pts[frame] + end) / 2) * tick;
        await arrived;
        const mediaTime = await shown;
        seen.push({ frame, number: number(), off: Math.abs(mediaTime - playback.pts[frame] * tick) });
      }
      const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(await blob.arrayBuffer());
      const [channel] = [sound.getChannelData(0)];
      return {
        duration: video.duration,
        size: blob.size,
        seen,
        sound: sound.duration,
        loudest: channel.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
      };
    },
    [playback, wanted],
  );
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heaters-playback-'));
  browser = await launch();
  page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${SITE}index.html`);
  await page.waitForFunction(() => sessionStorage.getItem('heaters.session') !== null);
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a clip of parts shows every frame at its time, with sound', { timeout: 180_000 }, async () => {
  const path = join(folder, 'frames.mp4');
  makeVideo(path);
  const video = await ingest(path);
  assert.equal(video.frames, FRAMES);
  const { items: clips } = await ask(page, `/v1/clips?video=${video.id}`);
  const clip = clips.find(({ start_frame: start, end_frame: end }) => start < BORDER - 15 && end > BORDER + 15);
  assert.ok(clip, 'a clip lies across the border of the chunks');
  const playback = await ask(page, `/v1/clips/${clip.id}/playback`);
  assert.equal(playback.pts.length, clip.end_frame - clip.start_frame);
  assert.ok(playback.parts.length > 3, 'the frames lie in two chunks');

  const count = playback.frames;
  const border = BORDER - clip.start_frame;
  const around = Array.from({ length: 31 }, (_, index) => border - 15 + index);
  const seen = await look(playback, [0, 1, 2, 3, 4, ...around, count - 3, count - 2, count - 1, 40, 7]);
  for (const { frame, number, off } of seen.seen) {
    assert.equal(number, clip.start_frame + frame, `the picture of frame ${frame}`);
    assert.ok(off < 0.0006, `the time of frame ${frame} is off by ${off} s`);
  }
  assert.ok(Math.abs(seen.duration - playback.duration_seconds) < 0.001, `${seen.duration} s`);
  assert.equal(seen.size, playback.size_bytes);
  assert.ok(Math.abs(seen.sound - playback.duration_seconds) < 0.05 && seen.loudest > 0.05, `${seen.sound} s of sound`);
  // The steps are those of the source: 40, 80 and 240 ms.
  const tick = playback.time_base.num / playback.time_base.den;
  const steps = new Set(playback.pts.slice(1).map((pts, index) => Math.round((pts - playback.pts[index]) * tick * 1000)));
  assert.deepEqual([...steps].sort((one, other) => one - other), [40, 80, 240]);
});
