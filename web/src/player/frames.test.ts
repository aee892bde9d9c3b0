import { describe, expect, it } from 'vitest';
import { type FrameTimes, frameAt, frameDuring, middleOf } from './frames';

const constant: FrameTimes = {
  pts: Array.from({ length: 120 }, (_, frame) => frame * 1001),
  timeBase: { num: 1, den: 30_000 },
  duration: (120 * 1001) / 30_000,
};

/** As a telephone records: now and then a frame takes three times as long. */
const variable: FrameTimes = {
  pts: Array.from({ length: 60 }, (_, frame) => frame * 40 + Math.floor(frame / 7) * 80),
  timeBase: { num: 1, den: 1000 },
  duration: 3.2,
};

describe.each([
  ['constant', constant],
  ['variable', variable],
])('of a %s frame rate', (_name, times) => {
  const frames = times.pts.map((_pts, frame) => frame);
  const start = (frame: number) => ((times.pts[frame] ?? 0) * times.timeBase.num) / times.timeBase.den;

  it('every frame is known by its own time, however it is rounded', () => {
    expect(frames.map((frame) => frameAt(times, start(frame)))).toEqual(frames);
    expect(frames.map((frame) => frameAt(times, Math.floor(start(frame) * 1000) / 1000))).toEqual(frames);
    expect(frames.map((frame) => frameAt(times, Math.ceil(start(frame) * 1000) / 1000))).toEqual(frames);
  });

  it('seeking to a frame lands inside it', () => {
    expect(frames.map((frame) => frameDuring(times, middleOf(times, frame)))).toEqual(frames);
    expect(frames.map((frame) => frameDuring(times, start(frame)))).toEqual(frames);
  });
});

it('holds at both ends', () => {
  expect([frameAt(constant, -5), frameAt(constant, 99), frameDuring(constant, 99)]).toEqual([0, 119, 119]);
  const one: FrameTimes = { pts: [0], timeBase: { num: 1, den: 25 }, duration: 0.04 };
  expect([frameAt(one, 0.04), middleOf(one, 0)]).toEqual([0, 0.02]);
});
