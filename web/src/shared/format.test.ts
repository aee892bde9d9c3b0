import { expect, it } from 'vitest';
import { ago, counted, duration, metric, timecode, took } from './format';

const NTSC = { num: 30000, den: 1001 };

it.each([
  [0, '0:00'],
  [7.4, '0:07'],
  [59.6, '1:00'],
  [750, '12:30'],
  [3723, '1:02:03'],
])('%d s last %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

it.each([
  [0, { num: 25, den: 1 }, '00:00:00:00'],
  [24, { num: 25, den: 1 }, '00:00:00:24'],
  [25, { num: 25, den: 1 }, '00:00:01:00'],
  [90_000, { num: 25, den: 1 }, '01:00:00:00'],
  [29, NTSC, '00:00:00:29'],
  [30, NTSC, '00:00:01:00'],
  [5, { num: 0, den: 0 }, '--:--:--:--'],
])('frame %d at %o is %s', (frame, fps, text) => {
  expect(timecode(frame, fps)).toBe(text);
});

it('counts frames within a second without gaps or repeats', () => {
  const seen = new Set(Array.from({ length: 3000 }, (_, frame) => timecode(frame, NTSC)));
  expect(seen.size).toBe(3000);
});

it('reads the unit off a metric', () => {
  expect(metric('read_bytes', 81_400_000)).toEqual({ label: 'read', value: '81.4 MB' });
  expect(metric('cpu_ms', 4200)).toEqual({ label: 'cpu', value: '4.2 s' });
  expect(metric('frames', 2250)).toEqual({ label: 'frames', value: '2,250' });
  expect(metric('written_bytes', 0).value).toBe('0 B');
});

it('says how long something took', () => {
  expect([took(84), took(1930), took(65_000)]).toEqual(['84 ms', '1.9 s', '1:05 min']);
  expect(took(3_723_000)).toBe('1:02:03 h');
});

it('counts in words', () => {
  expect([counted(1, 'clip'), counted(1204, 'clip')]).toEqual(['1 clip', '1,204 clips']);
});

it('says how long ago', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  expect(ago('2026-11-20T11:59:40Z', now)).toBe('just now');
  expect(ago('2026-11-20T09:00:00Z', now)).toBe('3 hours ago');
  expect(ago('2026-11-19T11:00:00Z', now)).toBe('yesterday');
});
