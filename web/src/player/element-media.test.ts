import { expect, it } from 'vitest';
import { give, take } from './element-media';
import type { ClipMedia } from './media';
import { Uses } from './uses';

/** What happens to the elements and addresses, in order. */
function scene() {
  const log: string[] = [];
  const element = (name: string) => ({
    set src(address: string) {
      log.push(`${name} gets ${address}`);
    },
    removeAttribute: (attribute: string) => log.push(`${name} loses ${attribute}`),
    load: () => log.push(`${name} loads`),
  });
  const maker = {};
  const media = (url: string, from: ClipMedia['from'] = 'parts') => {
    const uses = new Uses(maker, () => log.push(`${url} is given back`));
    const made: ClipMedia = {
      url,
      from,
      uses,
      start: 2.5,
      times: { pts: [0], timeBase: { num: 1, den: 25 }, duration: 0.04 },
      frames: 1,
      fps: { num: 25, den: 1 },
    };
    return { made, release: () => uses.end(maker) };
  };
  return { log, element, media };
}

it('gives an address back when the element has another, and not before', () => {
  const { log, element, media } = scene();
  const video = element('video');
  const [first, second] = [media('one'), media('two')];
  give(video, first.made);
  first.release();
  expect(log.splice(0)).toEqual(['video gets one']);
  give(video, first.made);
  expect(log.splice(0)).toEqual([]);
  give(video, second.made);
  expect(log.splice(0)).toEqual(['video gets two', 'one is given back']);
  second.release();
  take(video);
  expect(log.splice(0)).toEqual(['video loses src', 'video loads', 'two is given back']);
  take(video);
  expect(log).toEqual([]);
});

it('keeps an address that another element or its maker still has', () => {
  const { log, element, media } = scene();
  const [shown, hidden] = [element('shown'), element('hidden')];
  const clip = media('one');
  give(shown, clip.made);
  give(hidden, clip.made);
  take(shown);
  take(hidden);
  expect(log).not.toContain('one is given back');
  give(hidden, clip.made);
  clip.release();
  expect(log).not.toContain('one is given back');
  take(hidden);
  expect(log.at(-1)).toBe('one is given back');
});

it('begins a whole video where the clip is', () => {
  const { log, element, media } = scene();
  give(element('video'), media('https://media/proxy.mp4', 'video').made);
  expect(log).toEqual(['video gets https://media/proxy.mp4#t=2.5']);
});
