import { expect, it } from 'vitest';
import { formatPlace, parsePlace } from './place';

it.each(['', '?view=deleted', '?text=a+film+%26+more', '?view=deleted&text=x'])('%j survives the address', (search) => {
  expect(formatPlace(parsePlace(search))).toBe(search);
});

it.each(['?view=other', '?text=+++', '?code=1&state=2'])('%j is the whole library', (search) => {
  expect(parsePlace(search)).toEqual({ view: 'videos', text: '' });
});
