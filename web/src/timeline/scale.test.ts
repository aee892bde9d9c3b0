import { describe, expect, it } from 'vitest';
import { around, follow, frameOf, lengthOf, pan, rulerStep, wholeOf, xOf, zoom } from './scale';

const FRAMES = 9000;

describe('zooming', () => {
  it('keeps the frame under the pointer where it is', () => {
    const view = { start: 1000, end: 3000 };
    const anchor = 1500;
    const closer = zoom(view, 0.5, anchor, FRAMES);
    expect(lengthOf(closer)).toBe(1000);
    expect(xOf(closer, anchor, 800)).toBeCloseTo(xOf(view, anchor, 800));
  });

  it('ends at the whole video and at a few frames', () => {
    let view = wholeOf(FRAMES);
    expect(zoom(view, 2, 10, FRAMES)).toEqual(view);
    for (let step = 0; step < 40; step += 1) view = zoom(view, 0.5, 8990, FRAMES);
    expect(lengthOf(view)).toBe(24);
    expect(view.end).toBeLessThanOrEqual(FRAMES);
    expect(zoom(wholeOf(5), 0.1, 2, 5)).toEqual({ start: 0, end: 5 });
  });
});

it('never shows what is outside of the video', () => {
  expect(pan({ start: 100, end: 200 }, -500, FRAMES)).toEqual({ start: 0, end: 100 });
  expect(pan({ start: 100, end: 200 }, 1e6, FRAMES)).toEqual({ start: 8900, end: 9000 });
  expect(around(0, 50, 100, FRAMES)).toEqual({ start: 0, end: 150 });
  expect(around(0, 50, 1000, 60)).toEqual({ start: 0, end: 60 });
});

it('moves no more than needed to show a clip', () => {
  const view = { start: 1000, end: 2000 };
  expect(follow(view, 1200, 1300, FRAMES)).toEqual(view);
  expect(follow(view, 2000, 2100, FRAMES)).toEqual({ start: 1180, end: 2180 });
  expect(follow(view, 900, 1100, FRAMES)).toEqual({ start: 820, end: 1820 });
  expect(follow(view, 900, 5000, FRAMES)).toEqual(view);
});

it('puts frames and places into each other', () => {
  const view = { start: 250, end: 750 };
  for (const frame of [250, 300, 749]) expect(frameOf(view, xOf(view, frame, 731), 731)).toBeCloseTo(frame);
});

it('marks times at round steps', () => {
  expect([rulerStep(8, 10), rulerStep(60, 10), rulerStep(3600, 8), rulerStep(90_000, 4)]).toEqual([1, 10, 600, 7200]);
});
