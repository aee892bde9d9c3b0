import { expect, it } from 'vitest';
import { problemFrom } from './problem';

it('shows the sentence of problem details', () => {
  const problem = problemFrom(409, { title: 'Conflict', status: 409, detail: 'Somebody else was first.' });
  expect([problem.message, problem.title, problem.mayPass]).toEqual(['Somebody else was first.', 'Conflict', false]);
});

it.each([undefined, '<html>', {}, { detail: '' }, { detail: 7 }])('makes a sentence where there is none: %j', (body) => {
  expect(problemFrom(502, body).message).toBe('The request failed with status 502.');
});

it.each([
  [400, false],
  [401, true],
  [404, false],
  [409, false],
  [429, true],
  [503, true],
])('status %d may pass: %s', (status, mayPass) => {
  expect(problemFrom(status, null).mayPass).toBe(mayPass);
});
