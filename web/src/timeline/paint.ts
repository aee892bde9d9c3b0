// Draws the timeline on a canvas. Knows nothing of elements and events.
import type { Boundary, Scores, Timeline, TimelineClip, TimelineCut } from '../api/types';
import { MARK_SHAPES } from '../shared/state-mark';
import type { StateKind } from '../shared/states';
import { visible } from './model';
import { type View, frameOf, lengthOf, rulerStep, xOf } from './scale';

/** Heights of the rows in CSS pixels, from the top. */
export const ROWS = { ruler: 26, pictures: 44, sound: 36, clips: 22 } as const;
export const HEIGHT = ROWS.ruler + ROWS.pictures + ROWS.sound + ROWS.clips;

const PICTURES_AT = ROWS.ruler;
const SOUND_AT = PICTURES_AT + ROWS.pictures;
const CLIPS_AT = SOUND_AT + ROWS.sound;

export type Colours = Readonly<Record<StateKind | 'text' | 'soft' | 'line' | 'raised' | 'accent' | 'wave' | 'score' | 'focus', string>> & {
  readonly font: string;
};

/** A cut on its way somewhere else. */
export interface Draft {
  readonly from: number;
  readonly to: number;
}

export interface Scene {
  readonly timeline: Timeline;
  readonly view: View;
  readonly width: number;
  readonly scores: Scores | null;
  /** One byte a peak. */
  readonly peaks: Uint8Array | null;
  readonly sheet: (index: number) => CanvasImageSource | undefined;
  readonly kindOf: (clip: TimelineClip) => StateKind;
  readonly current: { readonly start: number; readonly end: number } | null;
  readonly selected: ReadonlySet<string>;
  readonly draft: Draft | null;
  /** Other boundaries to compare with: drawn instead of the cuts. */
  readonly preview: readonly Boundary[] | null;
  readonly colours: Colours;
}

/** The ruler's right end, where buttons lie over it. */
const BUTTONS_PX = 118;

type Context = CanvasRenderingContext2D;

export function paint(context: Context, scene: Scene): void {
  context.clearRect(0, 0, scene.width, HEIGHT);
  paintRuler(context, scene);
  paintPictures(context, scene);
  paintSound(context, scene);
  paintScores(context, scene);
  paintClips(context, scene);
  paintCuts(context, scene);
  paintCurrent(context, scene);
  if (scene.draft) paintDraft(context, scene, scene.draft);
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'));
  return whole >= 3600 ? [Math.floor(whole / 3600), ...parts].join(':') : parts.join(':').replace(/^0/, '');
}

function paintRuler(context: Context, { timeline, view, width, colours }: Scene): void {
  const perFrame = timeline.duration_seconds / Math.max(1, timeline.frames);
  const from = view.start * perFrame;
  const length = lengthOf(view) * perFrame;
  const step = rulerStep(length, width / 70);
  context.font = `11px ${colours.font}`;
  context.textBaseline = 'top';
  for (let second = Math.ceil(from / step) * step; second <= from + length; second += step) {
    const x = Math.round(((second - from) / length) * width);
    context.fillStyle = colours.line;
    context.fillRect(x, ROWS.ruler - 5, 1, 5);
    context.fillStyle = colours.soft;
    if (x < width - BUTTONS_PX) context.fillText(clock(second), x + 3, ROWS.ruler - 17);
  }
}

function paintPictures(context: Context, { timeline, view, width, sheet, colours }: Scene): void {
  context.fillStyle = colours.raised;
  context.fillRect(0, PICTURES_AT, width, ROWS.pictures);
  const board = timeline.storyboard;
  if (!board) return;
  const across = (board.tile_width / board.tile_height) * ROWS.pictures;
  // Anchored to the video, not to the view: pictures move with their frames.
  const step = (across / width) * lengthOf(view);
  let at = 0;
  for (let slot = Math.floor(view.start / step); slot * step < view.end; slot += 1) {
    const frame = Math.min(timeline.frames - 1, (slot + 0.5) * step);
    while (at + 1 < board.tiles.length && (board.tiles[at]?.end_frame ?? Infinity) <= frame) at += 1;
    const tile = board.tiles[at];
    const image = tile && sheet(tile.sheet);
    if (!tile || !image) continue;
    const x = xOf(view, slot * step, width);
    context.drawImage(image, tile.x, tile.y, board.tile_width, board.tile_height, x, PICTURES_AT, across, ROWS.pictures);
  }
}

function paintSound(context: Context, { timeline, view, width, peaks, colours }: Scene): void {
  const middle = SOUND_AT + ROWS.sound / 2;
  context.fillStyle = colours.wave;
  if (!peaks || !timeline.waveform) {
    context.fillRect(0, middle, width, 1);
    return;
  }
  const perFrame = (timeline.duration_seconds / Math.max(1, timeline.frames)) * timeline.waveform.peaks_per_second;
  for (let x = 0; x < width; x += 2) {
    const first = Math.floor(frameOf(view, x, width) * perFrame);
    const last = Math.max(first + 1, Math.ceil(frameOf(view, x + 2, width) * perFrame));
    let loudest = 0;
    for (let peak = first; peak < last; peak += 1) loudest = Math.max(loudest, peaks[peak] ?? 0);
    const half = Math.max(0.5, (loudest / 255) * (ROWS.sound / 2 - 2));
    context.fillRect(x, middle - half, 1.5, 2 * half);
  }
}

function paintScores(context: Context, { view, width, scores, colours }: Scene): void {
  if (!scores || scores.values.length === 0) return;
  const frames = (scores.end_frame - scores.start_frame) / scores.values.length;
  const bottom = SOUND_AT + ROWS.sound - 1;
  const first = Math.max(0, Math.floor((view.start - scores.start_frame) / frames) - 1);
  const last = Math.min(scores.values.length, Math.ceil((view.end - scores.start_frame) / frames) + 1);
  context.beginPath();
  for (let bucket = first; bucket < last; bucket += 1) {
    const x = xOf(view, scores.start_frame + (bucket + 0.5) * frames, width);
    const y = bottom - (scores.values[bucket] ?? 0) * (ROWS.sound - 3);
    if (bucket === first) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  context.strokeStyle = colours.score;
  context.lineWidth = 1.25;
  context.stroke();
}

const MARKS = Object.fromEntries(
  Object.entries(MARK_SHAPES).map(([kind, shape]) => [kind, typeof Path2D === 'undefined' ? undefined : new Path2D(shape)]),
) as Record<StateKind, Path2D | undefined>;

/** The narrowest clip that has room for its mark. */
const MARK_ROOM = 18;

function paintMark(context: Context, kind: StateKind, x: number, y: number): void {
  const mark = MARKS[kind];
  if (!mark) return;
  context.save();
  context.translate(x, y);
  context.lineWidth = 2;
  context.stroke(mark);
  context.restore();
}

function paintClips(context: Context, scene: Scene): void {
  const { timeline, view, width, colours } = scene;
  const top = CLIPS_AT + 3;
  const height = ROWS.clips - 5;
  for (const clip of visible(timeline.clips, view)) {
    const kind = scene.kindOf(clip);
    const left = xOf(view, clip.start_frame, width);
    const across = Math.max(1, xOf(view, clip.end_frame, width) - left - 1);
    context.globalAlpha = 0.22;
    context.fillStyle = colours[kind];
    context.fillRect(left, top, across, height);
    context.globalAlpha = 1;
    context.fillRect(left, top, across, kind === 'pending' ? 2 : 4);
    context.strokeStyle = colours[kind];
    if (across >= MARK_ROOM) paintMark(context, kind, Math.max(left, 0) + 2, top + 1);
    if (clip.group_id !== null) context.fillRect(left, top + height - 2, across, 2);
    if (scene.selected.has(clip.id)) {
      context.strokeStyle = colours.focus;
      context.lineWidth = 2;
      context.strokeRect(left + 1, top, across - 2, height);
    }
  }
}

/** Where cuts would be too close to tell apart, only their tops are drawn. */
function paintCuts(context: Context, { timeline, view, width, preview, colours }: Scene): void {
  const marks: readonly Pick<TimelineCut, 'frame' | 'start_frame' | 'end_frame' | 'confidence'>[] = preview ?? timeline.cuts;
  for (const cut of marks) {
    if (cut.frame < view.start || cut.frame > view.end) continue;
    const x = xOf(view, cut.frame, width);
    const from = xOf(view, cut.start_frame, width);
    const until = xOf(view, cut.end_frame, width);
    context.fillStyle = preview ? colours.accent : colours.text;
    if (until - from > 2) {
      context.globalAlpha = 0.25;
      context.fillRect(from, PICTURES_AT, until - from, ROWS.pictures);
    }
    // A sure cut is a full line; a doubtful one is faint and short.
    context.globalAlpha = 0.35 + 0.65 * cut.confidence;
    const height = ROWS.pictures + ROWS.sound * cut.confidence;
    context.fillRect(Math.round(x) - 0.5, PICTURES_AT, 1.5, height);
    context.globalAlpha = 1;
    context.beginPath();
    context.arc(x, PICTURES_AT - 1, 1.5 + 2 * cut.confidence, 0, 2 * Math.PI);
    if (cut.confidence >= 0.5) {
      context.fill();
    } else {
      context.strokeStyle = context.fillStyle;
      context.lineWidth = 1;
      context.stroke();
    }
  }
}

function paintCurrent(context: Context, { view, width, current, colours }: Scene): void {
  if (!current) return;
  const left = xOf(view, current.start, width);
  const right = xOf(view, current.end, width);
  context.strokeStyle = colours.accent;
  context.lineWidth = 2;
  context.strokeRect(left + 1, PICTURES_AT, Math.max(2, right - left - 2), HEIGHT - PICTURES_AT - 1);
}

function paintDraft(context: Context, { view, width, colours }: Scene, { from, to }: Draft): void {
  const x = xOf(view, to, width);
  const before = xOf(view, from, width);
  context.fillStyle = colours.focus;
  context.globalAlpha = 0.2;
  context.fillRect(Math.min(x, before), PICTURES_AT, Math.abs(x - before), HEIGHT - PICTURES_AT);
  context.globalAlpha = 1;
  context.fillRect(x - 1, 0, 2, HEIGHT);
}
