import type { ClipMedia } from './media';

/** What an element needs to have to play something. */
export type Playing = Pick<HTMLVideoElement, 'src' | 'removeAttribute' | 'load'>;

const held = new WeakMap<Playing, ClipMedia>();

/** Gives an element what it plays from now on, and lets go of what it played before. */
export function give(video: Playing, media: ClipMedia): void {
  const before = held.get(video);
  if (before === media) return;
  media.uses.begin(video);
  held.set(video, media);
  video.src = media.from === 'video' ? `${media.url}#t=${media.start}` : media.url;
  before?.uses.end(video);
}

/** Takes from an element what it plays. */
export function take(video: Playing): void {
  const before = held.get(video);
  if (!before) return;
  held.delete(video);
  video.removeAttribute('src');
  // Without this the element would go on reading what it had.
  video.load();
  before.uses.end(video);
}
