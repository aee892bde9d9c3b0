import { expect, it } from 'vitest';
import { redirectAddress } from './session';

it.each([
  ['/site/review.html', 'http://h/site/review.html'],
  ['/site/', 'http://h/site/index.html'],
  ['/', 'http://h/index.html'],
])('%s returns to %s', (pathname, address) => {
  expect(redirectAddress({ origin: 'http://h', pathname })).toBe(address);
});
