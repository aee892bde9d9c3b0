import { expect, it } from 'vitest';
import { tileAtFrame, tileAtShare, tileOfClip } from './storyboard';

const BOARD = {
  tile_width: 160,
  tile_height: 90,
  urls: ['one.jpg', 'two.jpg'],
  tiles: [0, 25, 50, 75].map((start, at) => ({
    start_frame: start,
    end_frame: start + 25,
    sheet: Math.floor(at / 2),
    x: (at % 2) * 160,
    y: 0,
  })),
};

const place = (tile: { url: string; x: number } | null) => tile && `${tile.url} ${tile.x}`;

it.each([
  [-1, 'one.jpg 0'],
  [0, 'one.jpg 0'],
  [0.3, 'one.jpg 160'],
  [0.99, 'two.jpg 160'],
  [1, 'two.jpg 160'],
])('at %d of the video', (share, expected) => {
  expect(place(tileAtShare(BOARD, share))).toBe(expected);
});

it.each([
  [0, 'one.jpg 0'],
  [24, 'one.jpg 0'],
  [25, 'one.jpg 160'],
  [99, 'two.jpg 160'],
  [1000, 'two.jpg 160'],
])('frame %d', (frame, expected) => {
  expect(place(tileAtFrame(BOARD, frame))).toBe(expected);
});

it.each([
  [0, 100, 'two.jpg 0'],
  [10, 40, 'one.jpg 160'],
  [26, 40, 'one.jpg 160'],
  [40, 56, 'two.jpg 0'],
])('clip %d to %d shows a picture of its own where there is one', (start, end, expected) => {
  expect(place(tileOfClip(BOARD, start, end))).toBe(expected);
});

it('has none where there are none', () => {
  expect(tileAtShare({ ...BOARD, tiles: [] }, 0.5)).toBeNull();
  expect(tileAtFrame({ ...BOARD, urls: [] }, 5)).toBeNull();
});
