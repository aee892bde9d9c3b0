import { describe, expect, it } from 'vitest';
import { timelineOf } from '../testing/clips';
import { borderAt, borderNear, clampBorder, clipAt, neighbours, patched, strip, visible } from './model';

const timeline = timelineOf(0, 100, 250, 260, 400);
const { clips } = timeline;
const id = (clip: { id: string } | undefined) => clip?.id;

describe('finding clips', () => {
  it('knows whose every frame is', () => {
    const owners = Array.from({ length: 400 }, (_, frame) => clipAt(clips, frame));
    expect(owners.every((clip, frame) => clip && clip.start_frame <= frame && frame < clip.end_frame)).toBe(true);
    expect([clipAt(clips, -1), clipAt(clips, 400), clipAt([], 0)]).toEqual([undefined, undefined, undefined]);
  });

  it('knows the neighbours, and that there is none at the ends', () => {
    expect([id(neighbours(clips, 100, 250).previous), id(neighbours(clips, 100, 250).next)]).toEqual(['c0', 'c250']);
    expect(neighbours(clips, 0, 100).previous).toBeUndefined();
    expect(neighbours(clips, 260, 400).next).toBeUndefined();
  });

  it('shows a few around a frame', () => {
    expect(strip(clips, 255, 1).map(id)).toEqual(['c100', 'c250', 'c260']);
    expect(strip(clips, 399, 2).map(id)).toEqual(['c100', 'c250', 'c260']);
    expect(visible(clips, { start: 100, end: 251 }).map(id)).toEqual(['c100', 'c250']);
  });
});

describe('a cut', () => {
  const view = { start: 0, end: 400 };

  it('is between two clips, and nowhere else', () => {
    expect(borderAt(clips, 250)).toMatchObject({ left: { id: 'c100' }, right: { id: 'c250' } });
    expect([borderAt(clips, 0), borderAt(clips, 101), borderAt(clips, 400)]).toEqual([undefined, undefined, undefined]);
  });

  it('is taken by the nearest place within reach', () => {
    expect(borderNear(clips, view, 800, 203, 6)?.frame).toBe(100);
    expect(borderNear(clips, view, 800, 197, 6)?.frame).toBe(100);
    expect(borderNear(clips, view, 800, 512, 30)?.frame).toBe(260);
    expect(borderNear(clips, view, 800, 300, 6)).toBeUndefined();
    expect(borderNear(clips, view, 800, 2, 6)).toBeUndefined();
  });

  it('stays strictly between the outer ends of its clips', () => {
    const border = borderAt(clips, 250);
    if (!border) throw new Error('no cut at 250');
    expect([-5, 100, 101.4, 200, 259.6, 900].map((to) => clampBorder(border, to))).toEqual([101, 101, 101, 200, 259, 259]);
  });
});

it('takes what an answer changed in place of what it covers', () => {
  const [left] = clips;
  if (!left) throw new Error('no clips');
  const halves = [
    { ...left, id: 'l', end_frame: 40 },
    { ...left, id: 'r', start_frame: 40 },
  ];
  expect(patched(timeline, halves).clips.map(id)).toEqual(['l', 'r', 'c100', 'c250', 'c260']);
  expect(patched(timeline, [])).toBe(timeline);
});
