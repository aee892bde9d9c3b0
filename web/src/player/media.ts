import { type Api, bodyOf } from '../api/client';
import type { Playback, Rational } from '../api/types';
import type { FrameTimes } from './frames';
import type { MediaSource } from './prefetch';
import { Uses } from './uses';

/** What plays a clip. */
export interface ClipMedia {
  readonly url: string;
  /** Where in the media the clip starts, in seconds: 0 but for clips that are played out of the whole video. */
  readonly start: number;
  readonly times: FrameTimes;
  readonly frames: number;
  readonly fps: Rational;
  /** `parts`: byte ranges put together here; `file`: made by the API; `video`: out of the whole video. */
  readonly from: 'parts' | 'file' | 'video';
  /** Of the address: it is good for as long as somebody uses it. */
  readonly uses: Uses;
}

/** A clip with more bytes is played out of the whole video instead of from memory. */
const LARGEST_BLOB_BYTES = 192_000_000;

/** The browser or the network does not give byte ranges as asked. */
class NoRanges extends Error {
  override readonly name = 'NoRanges';
}

type Part = Playback['parts'][number];

function inlineBytes(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  return Uint8Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}

async function rangeBytes(url: string, start: number, end: number, signal: AbortSignal): Promise<ArrayBuffer> {
  const headers = { Range: `bytes=${start}-${end - 1}` };
  const response = await fetch(url, { headers, signal }).catch((error: unknown) => {
    throw new Error('The clip could not be loaded. Check the connection and try again.', { cause: error });
  });
  if (response.status === 200 && start > 0) {
    await response.body?.cancel();
    throw new NoRanges('The storage does not give byte ranges.');
  }
  if (!response.ok) throw new Error(`The clip could not be loaded (status ${response.status}).`);
  const bytes = await response.arrayBuffer();
  if (response.status === 206 && bytes.byteLength !== end - start) throw new NoRanges('The storage gave another range.');
  return bytes;
}

function partBytes(part: Part, urls: readonly string[], signal: AbortSignal): Promise<BlobPart> | BlobPart {
  if ('inline' in part) return inlineBytes(part.inline);
  const url = urls[part.url];
  if (url === undefined) throw new Error('The clip could not be loaded: the API left out an address.');
  return rangeBytes(url, part.start, part.end, signal);
}

/** Clips are small (seconds of a proxy), so each is fetched whole: showing it then waits for nothing. */
export class ClipMediaSource implements MediaSource<ClipMedia> {
  /** Once byte ranges have failed here, the API's files are used. */
  private form: 'parts' | 'file' = 'parts';

  constructor(private readonly api: Api) {}

  /** The browser could not play what was put together here. Gives whether there is something else to try. */
  distrust(media: ClipMedia): boolean {
    if (media.from !== 'parts') return false;
    this.form = 'file';
    return true;
  }

  async load(clipId: string, signal: AbortSignal): Promise<ClipMedia> {
    const playback = await this.playback(clipId, this.form, signal);
    try {
      return await this.fetch(playback, this.form, signal);
    } catch (error) {
      if (!(error instanceof NoRanges)) throw error;
      this.form = 'file';
      return this.fetch(await this.playback(clipId, 'file', signal), 'file', signal);
    }
  }

  release(media: ClipMedia): void {
    media.uses.end(this);
  }

  private playback(clipId: string, form: 'parts' | 'file', signal: AbortSignal): Promise<Playback> {
    const query = form === 'file' ? { form: 'file' as const } : {};
    return bodyOf(this.api.GET('/v1/clips/{id}/playback', { params: { path: { id: clipId }, query }, signal }));
  }

  private async fetch(playback: Playback, form: 'parts' | 'file', signal: AbortSignal): Promise<ClipMedia> {
    const { frames, fps, pts, time_base: timeBase, duration_seconds: duration } = playback;
    const common = { frames, fps, times: { pts, timeBase, duration } };
    if (playback.size_bytes > LARGEST_BLOB_BYTES) {
      const uses = new Uses(this, () => undefined);
      return { ...common, url: playback.video_url, start: playback.video_start_seconds, from: 'video', uses };
    }
    const bytes = await Promise.all(playback.parts.map(async (part) => partBytes(part, playback.urls, signal)));
    const url = URL.createObjectURL(new Blob(bytes, { type: 'video/mp4' }));
    const uses = new Uses(this, () => URL.revokeObjectURL(url));
    return { ...common, url, start: 0, from: form, uses };
  }
}
