import type { Clip } from '../api/types';
import { type OutboxEntry, clipsOf, decidedClips, isEdit } from '../outbox/outbox';
import type { Answer, Settled } from '../outbox/sender';
import { isPending } from '../shared/states';
import type { App } from '../shell/app';
import * as plans from './plans';
import * as queues from './queue';

/** Something the API did not take, until the reviewer has seen it. */
export interface Notice {
  readonly id: string;
  readonly what: string;
  readonly sentence: string;
  readonly clip: string | null;
}

interface Host {
  readonly queue: queues.ReviewQueue;
  become(queue: queues.ReviewQueue): void;
  say(text: string, bad: boolean): void;
  fetch(clipId: string): Promise<Clip>;
  /** Clips as an answer has them. */
  learn(clips: readonly Clip[]): void;
}

/** Takes in what the API answers to what this page asked for. */
export class Answers {
  /** What was not taken. */
  notices: readonly Notice[] = [];
  /** An undo or redo whose effect only the API knows is on its way. */
  awaiting: 'undo' | 'redo' | null = null;
  private readonly asked = new Set<string>();

  constructor(
    private readonly app: App,
    private readonly host: Host,
    private readonly changed: () => void,
  ) {}

  /** This page asked for it, and tells what becomes of it. */
  expect(requestId: string): void {
    this.asked.add(requestId);
  }

  dismiss(notice: Notice): void {
    this.notices = this.notices.filter((other) => other !== notice);
    this.changed();
  }

  take(settled: Settled): void {
    // What another tab asked for and sent is that tab's to tell; what an earlier visit left is told here.
    if (!this.asked.delete(settled.entry.requestId) && !settled.sentHere) return;
    if (settled.kind === 'refused') this.onRefused(settled.entry, settled.sentence, settled.dropped);
    else this.onConfirmed(settled.entry, settled.answer);
  }

  /** Puts clips back on screen as the API has them now. */
  refresh(clips: readonly string[]): void {
    for (const id of clips) void this.refreshOne(id);
  }

  private async refreshOne(clipId: string): Promise<void> {
    const { host } = this;
    const clip = await host.fetch(clipId).catch(() => null);
    if (!clip || clip.state === 'archived') return;
    if (isPending(clip)) host.become(queues.putBack(host.queue, [clip]));
    else host.become(queues.settle(host.queue, { clips: [clip], archived: [], show: 'stay' }, new Set()));
  }

  private onConfirmed(entry: OutboxEntry, answer: Answer): void {
    const { host } = this;
    host.learn(answer.clips);
    const unsaved = decidedClips(this.app.outbox.entries);
    const wasAwaited = entry.kind !== 'action' && this.awaiting === entry.kind;
    if (wasAwaited) this.awaiting = null;
    // Another page of the same person may have done something later: the API has undone that instead.
    const other = entry.kind !== 'action' && !answer.clips.some((clip) => clipsOf(entry).includes(clip.id));
    const isSplit = entry.kind === 'action' && entry.action.kind === 'split';
    // An edit that is undone is seen where it was; anything else is brought on screen.
    const { shown } = host.queue;
    const isHere = shown !== null && answer.archived.includes(shown.id);
    const show = isSplit || ((wasAwaited || other) && !isHere) ? 'first' : 'heir';
    host.become(queues.settle(host.queue, { clips: answer.clips, archived: answer.archived, show }, unsaved));
    if (other) this.refresh(clipsOf(entry));
    if (entry.kind === 'action') {
      if (isEdit(entry.action)) host.say(`${plans.doneWords(entry.action.kind)}.`, false);
    } else if (wasAwaited || other) {
      const what = answer.undone_action === undefined ? '' : `: ${plans.actionName(answer.undone_action)}`;
      host.say(`${entry.kind === 'undo' ? 'Undone' : 'Done again'}${what}.`, false);
    }
  }

  private onRefused(entry: OutboxEntry, sentence: string, dropped: readonly OutboxEntry[]): void {
    const { host } = this;
    if (entry.kind !== 'action') this.awaiting = null;
    const what = plans.refusedWords(entry.kind === 'action' ? entry.action.kind : entry.kind, dropped.length);
    const clip = clipsOf(entry)[0] ?? null;
    this.notices = [...this.notices, { id: entry.requestId, what, sentence, clip }];
    host.become(queues.forgetHistory(host.queue));
    host.say(what, true);
    this.refresh([...new Set([entry, ...dropped].flatMap(clipsOf))]);
  }
}
