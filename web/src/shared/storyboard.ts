// Which picture of a video the pointer is at. Pure.
import type { Storyboard } from '../api/types';
import type { Tile } from '../shared/tile';

type Sheets = Pick<Storyboard, 'tile_width' | 'tile_height' | 'urls' | 'tiles'>;

function tileOf(storyboard: Sheets, tile: Sheets['tiles'][number] | undefined): Tile | null {
  const url = tile && storyboard.urls[tile.sheet];
  if (!url) return null;
  return { url, x: tile.x, y: tile.y, width: storyboard.tile_width, height: storyboard.tile_height };
}

/** The tile at a share (0..1) of the video. */
export function tileAtShare(storyboard: Sheets, share: number): Tile | null {
  const { tiles } = storyboard;
  const at = Math.min(tiles.length - 1, Math.max(0, Math.floor(share * tiles.length)));
  return tileOf(storyboard, tiles[at]);
}

/** The tile that shows a frame. */
export function tileAtFrame(storyboard: Sheets, frame: number): Tile | null {
  const { tiles } = storyboard;
  let low = 0;
  let high = tiles.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tiles[middle]?.start_frame ?? Infinity) <= frame) low = middle;
    else high = middle - 1;
  }
  return tileOf(storyboard, tiles[low]);
}

/** The tile for a clip: the first that begins inside it, since one that begins before it shows the clip before. */
export function tileOfClip(storyboard: Sheets, start: number, end: number): Tile | null {
  const middle = Math.floor((start + end) / 2);
  const { tiles } = storyboard;
  const inside = tiles.findLast((tile) => tile.start_frame >= start && tile.start_frame <= middle)
    ?? tiles.find((tile) => tile.start_frame >= start && tile.start_frame < end);
  return inside ? tileOf(storyboard, inside) : tileAtFrame(storyboard, middle);
}
