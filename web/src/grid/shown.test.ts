import { expect, it } from 'vitest';
import type { Outbox, OutboxEntry } from '../outbox/outbox';
import { clipOf } from '../testing/clips';
import { type Filters, NO_FILTERS, filtered, formatFilters, overlayOf, parseFilters } from './shown';

const NONE = new Map();
const CLIPS = [
  clipOf('a', { end_frame: 25, confidence: 0.9 }),
  clipOf('b', { end_frame: 100, state: 'embedded', confidence: null, tags: ['sky'] }),
  clipOf('c', { end_frame: 250, state: 'review_skipped', confidence: 0.4, note: 'A Red car' }),
];

it.each<[Partial<Filters>, string]>([
  [{}, 'abc'],
  [{ kind: 'pending' }, 'a'],
  [{ kind: 'good' }, 'b'],
  [{ minSeconds: 1.5 }, 'bc'],
  [{ minSeconds: 1.5, maxSeconds: 4 }, 'b'],
  [{ maxConfidence: 0.5 }, 'c'],
  [{ text: 'red' }, 'c'],
  [{ tag: 'sky' }, 'b'],
  [{ tag: 'sky', kind: 'pending' }, ''],
])('%j shows %s', (part, expected) => {
  expect(filtered(CLIPS, { ...NO_FILTERS, ...part }, NONE).map(({ id }) => id).join('')).toBe(expected);
});

it.each([
  '?video=v',
  '?video=v&state=good&min_seconds=1.5&max_seconds=9&max_confidence=0.6&text=red+car&tag=sky&order=look_alike',
])('%s survives the address', (search) => {
  expect(formatFilters('v', parseFilters(search))).toBe(search);
});

it('ignores what means nothing', () => {
  expect(parseFilters('?state=odd&min_seconds=-1&max_seconds=x&order=odd')).toEqual(NO_FILTERS);
});

function action(kind: 'approve' | 'skip' | 'archive' | 'reopen', ...ids: string[]): OutboxEntry {
  const clips = ids.map((id) => ({ id, version: 1 }));
  return { kind: 'action', requestId: ids.join(), page: 'p', tried: false, change: 0, tookMs: 0, action: { kind, clips } };
}

it('shows decisions at once, the latest for each clip', () => {
  const outbox: Outbox = [action('approve', 'a', 'b'), action('archive', 'b'), action('reopen', 'c')];
  expect([...overlayOf(outbox)]).toEqual([['a', 'good'], ['b', 'archived'], ['c', 'pending']]);
  const undo: OutboxEntry = { kind: 'undo', requestId: 'u', page: 'p', tried: false, change: 0, clips: ['a'] };
  expect(overlayOf([...outbox, undo]).has('a')).toBe(false);
  expect(filtered(CLIPS, { ...NO_FILTERS, kind: 'good' }, overlayOf(outbox)).map(({ id }) => id)).toEqual(['a']);
});
