// A reviewer at the counter film, whose every frame carries its number: what several tests begin with.
import { after, before } from 'node:test';
import { ask, reopened } from './browser.mjs';
import { counterVideo } from './material.mjs';
import { SLOW_MS, review, reviewer, signedIn } from './reviewer.mjs';

/** Begins before the tests of a file, and ends after them; `given` takes the reviewer, the page and the video's id. */
export function atCounterFilm(given) {
  let me;
  before(async () => {
    me = await reviewer();
    const { page } = me;
    await signedIn(page);
    const video = await counterVideo(async () => (await ask(page, '/v1/videos?limit=100')).items);
    given({ me, page, video });
    await reopened(page, video);
    await review(page, `?video=${video}`);
  }, { timeout: SLOW_MS });
  after(() => me?.close());
}

export async function clipsOf(page, video) {
  return (await ask(page, `/v1/videos/${video}/timeline`)).clips;
}

/** Opens a clip that has a neighbour on both sides. */
export async function openMiddle(page, video) {
  const [, , clip] = await clipsOf(page, video);
  await review(page, `?video=${video}&clip=${clip.id}`);
  await page.locator('.timeline-handle').nth(1).waitFor();
  return clip;
}
