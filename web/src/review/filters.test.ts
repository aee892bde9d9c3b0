import { expect, it } from 'vitest';
import { ALL_PENDING, type QueueFilters, apiFilters, described, filtersOf, isFiltered, queryOf } from './filters';

const busy: QueueFilters = {
  video: 'v1',
  state: 'review_skipped',
  minSeconds: 1.5,
  maxSeconds: 20,
  minConfidence: 0.2,
  maxConfidence: 0.8,
  text: 'a & b',
  tag: 'night',
  order: 'confidence',
};

it('live in the address, and come back from it', () => {
  expect(filtersOf(new URLSearchParams(queryOf(busy).toString()))).toEqual(busy);
  expect(queryOf(ALL_PENDING).toString()).toBe('');
  expect(filtersOf(new URLSearchParams())).toEqual(ALL_PENDING);
});

it.each(['state=nonsense&order=random', 'min_seconds=-1&max_seconds=x&min_confidence=7', 'video=&text=%20', 'state=archived'])(
  'are nothing where the address makes no sense: %s',
  (query) => {
    expect(filtersOf(new URLSearchParams(query))).toEqual(ALL_PENDING);
  },
);

it('ask the API for what filters only', () => {
  expect(apiFilters({ ...ALL_PENDING, tag: 'night', maxSeconds: 0 })).toEqual({ tag: 'night', max_seconds: 0 });
  expect([isFiltered(ALL_PENDING), isFiltered({ ...ALL_PENDING, order: 'look_alike' }), isFiltered(busy)]).toEqual([
    false,
    false,
    true,
  ]);
});

it('are said in words', () => {
  expect(described(busy, 'A film')).toEqual([
    'A film',
    'skipped',
    '1.5 to 20 s',
    'cuts 20 to 80 % sure',
    '“a & b”',
    '#night',
    'least certain cuts first',
  ]);
  expect(described({ ...ALL_PENDING, minSeconds: 3, maxConfidence: 0.5 }, null)).toEqual(['at least 3 s', 'cuts at most 50 % sure']);
});
