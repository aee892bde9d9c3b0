import { expect, it, vi } from 'vitest';
import { Prefetcher } from './prefetch';

/** A source whose loads the test finishes by hand. */
function byHand() {
  const asked: string[] = [];
  const released: string[] = [];
  const finish = new Map<string, { done: (media: string) => void; fail: (error: Error) => void }>();
  const aborted: string[] = [];
  const source = {
    load: (clipId: string, signal: AbortSignal) => {
      asked.push(clipId);
      signal.addEventListener('abort', () => aborted.push(clipId));
      return new Promise<string>((done, fail) => finish.set(clipId, { done, fail }));
    },
    release: (media: string) => released.push(media),
  };
  const settle = async (clipId: string, error?: Error) => {
    const load = finish.get(clipId);
    if (error) load?.fail(error);
    else load?.done(`media of ${clipId}`);
    await vi.waitFor(() => Promise.resolve());
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { asked, released, aborted, source, settle };
}

it('fetches in the order wanted, a few at a time', async () => {
  const { asked, source, settle } = byHand();
  const media = new Prefetcher(source, 2, () => undefined);
  media.want(['a', 'b', 'c']);
  expect(asked).toEqual(['a', 'b']);
  await settle('b');
  expect(asked).toEqual(['a', 'b', 'c']);
  expect(media.media('b')).toBe('media of b');
});

it('lets go of what is no longer wanted and keeps the rest', async () => {
  const { asked, released, aborted, source, settle } = byHand();
  const media = new Prefetcher(source, 2, () => undefined);
  media.want(['a', 'b']);
  await settle('a');
  media.want(['c']);
  expect(released).toEqual(['media of a']);
  expect(aborted).toContain('b');
  await settle('b');
  expect(released).toEqual(['media of a', 'media of b']);
  expect(media.media('b')).toBeUndefined();
  expect(asked).toEqual(['a', 'b', 'c']);
});

it('says what failed, and tries again only when told', async () => {
  const { asked, source, settle } = byHand();
  const changed = vi.fn();
  const media = new Prefetcher(source, 1, changed);
  media.want(['a']);
  await settle('a', new Error('gone'));
  expect(changed).toHaveBeenCalledOnce();
  expect(media.error('a')).toEqual(new Error('gone'));
  media.want(['a']);
  expect(asked).toEqual(['a']);
  media.retry('a');
  await settle('a');
  expect(media.media('a')).toBe('media of a');
});
