import { type Api, bodyOf } from '../api/client';
import type { Video } from '../api/types';
import type { Place } from './place';

const PAGE_SIZE = 24;

/** The first so many pages of the list, as they are now. */
export async function loadVideos(api: Api, place: Place, pages: number): Promise<{ videos: Video[]; more: boolean }> {
  const videos: Video[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pages; page += 1) {
    const query = {
      limit: PAGE_SIZE,
      ...(cursor === null ? {} : { cursor }),
      ...(place.view === 'deleted' ? { deleted: true } : {}),
      ...(place.text === '' ? {} : { text: place.text }),
    };
    const answer: { items: readonly Video[]; next_cursor: string | null } = await bodyOf(
      api.GET('/v1/videos', { params: { query } }),
    );
    videos.push(...answer.items);
    cursor = answer.next_cursor;
    if (cursor === null) break;
  }
  // An upload between two pages shifts the second: the same video may come twice.
  return { videos: [...new Map(videos.map((video) => [video.id, video])).values()], more: cursor !== null };
}
