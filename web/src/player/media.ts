import { type Api, bodyOf } from '../api/client';
import type { Playback } from '../api/types';
import type { MediaSource } from './prefetch';

/** A whole clip in memory, behind an address of the page's own. */
export interface ClipMedia {
  readonly url: string;
  readonly playback: Playback;
}

/** Clips are small (seconds of a proxy), so each is fetched whole: showing it then waits for nothing. */
export function clipMediaSource(api: Api): MediaSource<ClipMedia> {
  return {
    async load(clipId, signal) {
      const playback = await bodyOf(
        api.GET('/v1/clips/{id}/playback', { params: { path: { id: clipId } }, signal }),
      );
      const response = await fetch(playback.url, { signal }).catch((error: unknown) => {
        throw new Error('The clip could not be loaded. Check the connection and try again.', { cause: error });
      });
      if (!response.ok) throw new Error(`The clip could not be loaded (status ${response.status}).`);
      return { url: URL.createObjectURL(await response.blob()), playback };
    },
    release: (media) => URL.revokeObjectURL(media.url),
  };
}
