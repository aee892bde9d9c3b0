import { expect, it } from 'vitest';
import { formatPlace, parsePlace } from './place';

it('comes back from the address as it was', () => {
  const place = { clip: 'c1', strategy: 'midpoint', order: 'least' } as const;
  expect(parsePlace(formatPlace(place))).toEqual(place);
});

it('leaves defaults out of the address, and takes them for what it does not know', () => {
  expect(formatPlace({ clip: null, strategy: 'multi', order: 'most' })).toBe('');
  expect(parsePlace('?strategy=best&order=')).toEqual({ clip: null, strategy: 'multi', order: 'most' });
});
