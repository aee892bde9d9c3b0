import type { ClipPlayer } from '../player/clip-player';
import type { ClipTimeline } from '../timeline/clip-timeline';
import { type Command, SPEEDS } from './commands';
import type { End } from './draft';
import type { ReviewSession } from './review-session';

/** What commands act on. */
export interface Stage {
  session(): ReviewSession;
  player(): ClipPlayer | null;
  timeline(): ClipTimeline | null;
  /** Acts on the frame of the video that is on screen. */
  atFrame(act: (frame: number) => void): void;
  nudge(end: End, frames: number): void;
  write(kind: 'tags' | 'note'): void;
  filter(): void;
  help(): void;
}

/** What each command does; `stride` is how many frames a step is while a key is held. */
export function handlersOf(stage: Stage): Readonly<Record<Command, (stride: number) => void>> {
  const speed = (command: keyof typeof SPEEDS) => () => {
    stage.player()?.setSpeed(SPEEDS[command]);
    stage.session().say(`Speed ${SPEEDS[command]}×.`, false);
  };
  const step = (frames: number) => (stride: number) => stage.player()?.step(frames * stride);
  const nudge = (end: End, frames: number) => (stride: number) => stage.nudge(end, frames * stride);
  return {
    approve: () => stage.session().decide('approve'),
    skip: () => stage.session().decide('skip'),
    archive: () => stage.session().decide('archive'),
    group: () => stage.session().group(),
    reopen: () => stage.session().reopen(),
    undo: () => stage.session().undo(),
    redo: () => stage.session().redo(),
    tag: () => stage.write('tags'),
    note: () => stage.write('note'),
    split: () => stage.atFrame((frame) => stage.session().split(frame)),
    'merge-previous': () => stage.session().merge('previous'),
    'merge-next': () => stage.session().merge('next'),
    'start-earlier': nudge('start', -1),
    'start-later': nudge('start', 1),
    'end-earlier': nudge('end', -1),
    'end-later': nudge('end', 1),
    'trim-start': () => stage.atFrame((frame) => stage.session().trim('start', frame)),
    'trim-end': () => stage.atFrame((frame) => stage.session().trim('end', frame)),
    toggle: () => stage.player()?.toggle(),
    back: step(-1),
    forward: step(1),
    'back-ten': step(-10),
    'forward-ten': step(10),
    first: () => stage.player()?.seek(0),
    last: () => stage.player()?.seek(Infinity),
    'speed-1': speed('speed-1'),
    'speed-2': speed('speed-2'),
    'speed-3': speed('speed-3'),
    'speed-4': speed('speed-4'),
    sound: () => stage.player()?.toggleSound(),
    previous: () => stage.session().visit('previous'),
    next: () => stage.session().visit('next'),
    'zoom-in': () => stage.timeline()?.zoomBy(1),
    'zoom-out': () => stage.timeline()?.zoomBy(-1),
    filter: () => stage.filter(),
    help: () => stage.help(),
  };
}
