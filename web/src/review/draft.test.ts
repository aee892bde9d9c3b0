import { expect, it } from 'vitest';
import { timelineOf } from '../testing/clips';
import { inWords, isMoved, nudged, placeToLookAt } from './draft';

const { clips } = timelineOf(0, 100, 200, 300);
const shown = { start_frame: 100, end_frame: 200 };

it('moves on from where the key left it, and stops at the clips beyond', () => {
  let draft = nudged(null, clips, shown, 'start', 1);
  draft = nudged(draft, clips, shown, 'start', 2);
  expect([draft?.border.frame, draft?.to]).toEqual([100, 103]);
  expect(nudged(draft, clips, shown, 'start', -500)?.to).toBe(1);
  expect(nudged(draft, clips, shown, 'start', 500)?.to).toBe(199);
});

it('begins anew at the other end, and nowhere without a cut', () => {
  const draft = nudged(null, clips, shown, 'start', 5);
  expect(nudged(draft, clips, shown, 'end', -1)).toMatchObject({ border: { frame: 200 }, to: 199 });
  expect(nudged(null, clips, { start_frame: 0, end_frame: 100 }, 'start', 1)).toBeNull();
});

it('says what it does, and where to see it', () => {
  const later = nudged(null, clips, shown, 'start', 3);
  const earlier = nudged(null, clips, shown, 'start', -1);
  const end = nudged(null, clips, shown, 'end', -10);
  const beyond = nudged(null, clips, shown, 'end', 1);
  if (!later || !earlier || !end || !beyond) throw new Error('no draft');
  expect([inWords(later), inWords(earlier), inWords({ ...later, to: 100 })]).toEqual(['3 frames later', '1 frame earlier', 'where it was']);
  expect(placeToLookAt(later, shown)).toEqual({ clip: null, frame: 3 });
  expect(placeToLookAt(end, shown)).toEqual({ clip: null, frame: 89 });
  expect(placeToLookAt(earlier, shown)).toEqual({ clip: clips[0], frame: 99 });
  expect(placeToLookAt(beyond, shown)).toEqual({ clip: clips[2], frame: 0 });
  expect([isMoved(later), isMoved({ ...later, to: 100 })]).toEqual([true, false]);
});
