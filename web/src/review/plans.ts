// What a command asks of the API, given the clip on screen and its video; or why it cannot be asked. Pure.
import type { Clip, ClipRef, ClipState, ReviewAction, Timeline, TimelineClip } from '../api/types';
import { neighbours } from '../timeline/model';
import type { CutDraft } from './draft';

export interface Plan {
  readonly action: ReviewAction;
  /** What it does to the number of clips that wait for review, as far as the page can tell. */
  readonly change: number;
}

/** Why not, as a sentence. */
export interface Refusal {
  readonly why: string;
}

export function isRefusal(plan: Plan | Refusal): plan is Refusal {
  return 'why' in plan;
}

function ref({ id, version }: ClipRef): ClipRef {
  return { id, version };
}

function waiting(clips: readonly { readonly state: ClipState }[]): number {
  return clips.filter((clip) => clip.state === 'pending_review').length;
}

const DECIDED = 'This clip is already decided. Undo, or bring it back first.';
export const NOT_YET = 'The timeline is still loading. Try again in a moment.';

export function planDecision(kind: 'approve' | 'skip' | 'archive', clip: Clip): Plan | Refusal {
  if (clip.state !== 'pending_review') return { why: DECIDED };
  return { action: { kind, clips: [ref(clip)] }, change: -1 };
}

export function planReopen(clip: Clip): Plan | Refusal {
  if (clip.state === 'pending_review') return { why: 'This clip waits for review already.' };
  return { action: { kind: 'reopen', clips: [ref(clip)] }, change: 1 };
}

/** Groups with the selected clips of the video, or else with the previous clip. */
export function planGroup(clip: Clip, timeline: Timeline | undefined, selected: ReadonlySet<string>): Plan | Refusal {
  if (!timeline) return { why: NOT_YET };
  const chosen = timeline.clips.filter((other) => other.id !== clip.id && selected.has(other.id));
  const { previous } = neighbours(timeline.clips, clip.start_frame, clip.end_frame);
  const others = chosen.length > 0 ? chosen : previous ? [previous] : [];
  if (others.length === 0) return { why: 'This is the first clip of its video: there is none before it to group with.' };
  const clips = [...others, clip].toSorted((a, b) => a.start_frame - b.start_frame);
  return { action: { kind: 'group', clips: clips.map(ref) }, change: -waiting(clips) };
}

/** `frame` is of the video: the first of the new clip. */
export function planSplit(clip: Clip, frame: number): Plan | Refusal {
  if (frame <= clip.start_frame || frame >= clip.end_frame) {
    return { why: 'A cut has to lie inside the clip. Step to a later frame first.' };
  }
  return { action: { kind: 'split', clip: ref(clip), frame }, change: 2 - waiting([clip]) };
}

export function planMerge(clip: Clip, timeline: Timeline | undefined, side: 'previous' | 'next'): Plan | Refusal {
  if (!timeline) return { why: NOT_YET };
  const beside: TimelineClip | undefined = neighbours(timeline.clips, clip.start_frame, clip.end_frame)[side];
  if (!beside) return { why: `There is no ${side} clip in this video.` };
  const pair: [ClipRef, ClipRef] = side === 'previous' ? [ref(beside), ref(clip)] : [ref(clip), ref(beside)];
  return { action: { kind: 'merge', clips: pair }, change: 1 - waiting([clip, beside]) };
}

export function planMove({ border, to }: CutDraft): Plan {
  const { left, right } = border;
  return { action: { kind: 'move_cut', clips: [ref(left), ref(right)], to }, change: 2 - waiting([left, right]) };
}

/** Leaves out what is before the frame, or after it. `frame` is of the video. */
export function planTrim(clip: Clip, side: 'start' | 'end', frame: number): Plan | Refusal {
  const start = side === 'start' ? frame : clip.start_frame;
  const end = side === 'end' ? frame + 1 : clip.end_frame;
  if (start === clip.start_frame && end === clip.end_frame) {
    const word = side === 'start' ? 'before the first' : 'after the last';
    return { why: `Nothing lies ${word} frame. Step to the frame to ${side} with.` };
  }
  return { action: { kind: 'trim', clip: ref(clip), start, end }, change: 1 - waiting([clip]) };
}

/** Replaces the clip's tags. */
export function planTags(clip: Clip, tags: readonly string[]): Plan {
  return { action: { kind: 'tag', clip: ref(clip), tags: [...tags] }, change: 0 };
}

/** Replaces the clip's note; an empty one removes it. */
export function planNote(clip: Clip, text: string): Plan {
  return { action: { kind: 'note', clip: ref(clip), text: text.trim().slice(0, LONGEST_NOTE) }, change: 0 };
}

/** Tags as typed, separated by commas: trimmed, without repeats. */
export function tagsOf(text: string): readonly string[] {
  const tags = text.split(',').map((tag) => tag.trim().replace(/^#/, '').slice(0, LONGEST_TAG));
  return [...new Set(tags.filter((tag) => tag !== ''))].slice(0, MOST_TAGS);
}

/** What the API takes. */
export const MOST_TAGS = 20;
export const LONGEST_TAG = 40;
export const LONGEST_NOTE = 2000;

const DONE_WORDS: Readonly<Record<ReviewAction['kind'], string>> = {
  approve: 'Approved',
  skip: 'Skipped',
  archive: 'Archived',
  reopen: 'Waits for review again',
  group: 'Grouped and approved',
  split: 'Cut in two',
  merge: 'Merged',
  move_cut: 'Cut moved',
  trim: 'Trimmed',
  tag: 'Tags saved',
  note: 'Note saved',
};

export function doneWords(kind: ReviewAction['kind']): string {
  return DONE_WORDS[kind];
}

const NAMES: Readonly<Record<ReviewAction['kind'], string>> = {
  approve: 'approval',
  skip: 'skip',
  archive: 'archiving',
  reopen: 'bringing back',
  group: 'grouping',
  split: 'cut',
  merge: 'merge',
  move_cut: 'moved cut',
  trim: 'trim',
  tag: 'tags',
  note: 'note',
};

/** What was refused, and how many later actions were built on it and go with it. */
export function refusedWords(kind: ReviewAction['kind'] | 'undo' | 'redo', also: number): string {
  const rest = also === 0 ? '' : ` Neither was what was built on it (${also}).`;
  if (kind === 'undo') return `Not undone.${rest}`;
  return kind === 'redo' ? `Not done again.${rest}` : `Not saved: ${NAMES[kind]}.${rest}`;
}

export function actionName(kind: string): string {
  return (NAMES as Readonly<Record<string, string>>)[kind] ?? kind.replaceAll('_', ' ');
}
