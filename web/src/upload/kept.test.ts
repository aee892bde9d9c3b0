import { expect, it } from 'vitest';
import { type KeptUpload, matching, parseKept, withKept, withoutKept } from './kept';

const ONE: KeptUpload = {
  upload: 'u1',
  key: 'k1',
  name: 'film.mp4',
  lastModifiedMs: 1_700_000_000_000,
  plan: { sizeBytes: 25, partBytes: 10, parts: 3 },
};

it.each([null, '', '{', '{}', '[1, null, {"upload": "u"}]', JSON.stringify([{ ...ONE, plan: { parts: 0 } }])])(
  'reads nothing from %j',
  (text) => {
    expect(parseKept(text)).toEqual([]);
  },
);

it('survives the storage', () => {
  expect(parseKept(JSON.stringify([ONE]))).toEqual([ONE]);
});

it('knows a file by name, size and time', () => {
  const file = { name: 'film.mp4', size: 25, lastModified: 1_700_000_000_000 };
  expect(matching([ONE], file)).toBe(ONE);
  expect(matching([ONE], { ...file, size: 26 })).toBeUndefined();
  expect(matching([ONE], { ...file, lastModified: 1 })).toBeUndefined();
  expect(matching([ONE], { ...file, name: 'other.mp4' })).toBeUndefined();
});

it('keeps each upload once', () => {
  const twice = withKept(withKept([], ONE), { ...ONE, key: 'k2' });
  expect(twice.map(({ key }) => key)).toEqual(['k2']);
  expect(withoutKept(twice, 'u1')).toEqual([]);
});
