import { type Api, bodyOf } from '../api/client';
import type { Clip, ClipOrder } from '../api/types';

const PAGE_SIZE = 500;

/** All clips of a video; `partly` is told what has come so far, since a long one has several pages. */
export async function loadClips(
  api: Api,
  video: string,
  order: ClipOrder,
  partly: (clips: readonly Clip[]) => void,
): Promise<readonly Clip[]> {
  const clips: Clip[] = [];
  let cursor: string | null = null;
  do {
    const query = { video, order, limit: PAGE_SIZE, ...(cursor === null ? {} : { cursor }) };
    const page: { items: readonly Clip[]; next_cursor: string | null } = await bodyOf(
      api.GET('/v1/clips', { params: { query } }),
    );
    clips.push(...page.items);
    cursor = page.next_cursor;
    if (cursor !== null) partly(clips);
  } while (cursor !== null);
  // A decision between two pages may move a clip: it comes once.
  return [...new Map(clips.map((clip) => [clip.id, clip])).values()];
}

/** The clips with those that an answer changed; what an edit replaced is left out. */
export function patched(clips: readonly Clip[], changed: readonly Clip[], gone: readonly string[]): readonly Clip[] {
  const byId = new Map(changed.map((clip) => [clip.id, clip]));
  return clips.filter(({ id }) => !gone.includes(id)).map((clip) => byId.get(clip.id) ?? clip);
}
