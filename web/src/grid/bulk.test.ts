import { expect, it } from 'vitest';
import { clipOf } from '../testing/clips';
import { affected, bulkOf, hindrance } from './bulk';

const pending = clipOf('p', { version: 3 });
const skipped = clipOf('s', { state: 'review_skipped' });
const approved = clipOf('a', { state: 'embedded' });
const claimed = clipOf('c', { claimed_by: 'Ada' });

it('changes those that can be, and counts what is left to review', () => {
  const all = [pending, skipped, approved, claimed];
  expect(bulkOf('approve', all)).toEqual({ action: { kind: 'approve', clips: [{ id: 'p', version: 3 }] }, change: -1 });
  expect(bulkOf('reopen', all)).toEqual({ action: { kind: 'reopen', clips: [{ id: 's', version: 1 }] }, change: 1 });
  expect(bulkOf('group', [pending, approved]).change).toBe(-1);
});

it('withdraws approvals only where nothing else is chosen', () => {
  expect(affected('reopen', [approved, skipped])).toEqual([skipped]);
  expect(affected('reopen', [approved, pending])).toEqual([approved]);
});

it('goes by what is decided here already', () => {
  expect(affected('approve', [pending], () => 'good')).toEqual([]);
});

it('says why something cannot be done', () => {
  expect(hindrance('approve', [pending])).toBeNull();
  expect(hindrance('approve', [skipped])).toMatch(/back first/);
  expect(hindrance('reopen', [pending])).toMatch(/Nothing has been decided/);
  expect(hindrance('skip', [claimed])).toMatch(/Somebody else/);
  expect(hindrance('group', [pending])).toMatch(/two clips/);
  expect(hindrance('group', [pending, skipped])).toMatch(/wait for review or are approved/);
  expect(hindrance('group', [pending, approved])).toBeNull();
  expect(hindrance('approve', Array.from({ length: 501 }, (_, at) => clipOf(String(at))))).toMatch(/500/);
});
