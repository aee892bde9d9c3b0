// The parts of the review page that only show what the session holds.
import { type TemplateResult, html, nothing } from 'lit';
import type { Clip } from '../api/types';
import { count } from '../shared/format';
import { isPending } from '../shared/states';
import type { Command } from './commands';
import { type QueueFilters, described, isFiltered } from './filters';
import type { ReviewSession } from './review-session';

export type Button = (
  command: Command,
  options?: { readonly classes?: string; readonly disabled?: boolean; readonly title?: string },
) => TemplateResult;

const EDITS = [
  'split',
  'merge-previous',
  'merge-next',
  'trim-start',
  'trim-end',
  'start-earlier',
  'start-later',
  'end-earlier',
  'end-later',
] as const satisfies readonly Command[];

const DESCRIPTIONS = ['tag', 'note'] as const satisfies readonly Command[];

/** How many clips are left, and what the queue leaves out. */
export function left(session: ReviewSession): TemplateResult {
  const number = session.pending.left;
  const words = described(session.filters, session.current ? 'this video' : null);
  const { count: done } = session.queue;
  return html`
    <div class="review-left">
      <p><strong class="figures" data-left>${number === null ? '…' : count(number)}</strong> <span class="soft">left</span></p>
      ${number === null
        ? nothing
        : html`<progress max=${Math.max(1, number + done)} .value=${done} aria-label="Done in this visit"></progress>`}
      ${words.length === 0
        ? nothing
        : html`<p class="small" data-filters>Only ${words.join(', ')}. <a href="./review.html">Review all</a></p>`}
    </div>
  `;
}

/** Every action on the clip, as buttons. */
export function actions(session: ReviewSession, clip: Clip, button: Button): TemplateResult {
  const busy = session.isBeingEdited;
  const reversing = session.answers.awaiting !== null;
  const chosen = session.selected.size;
  const group = chosen === 0 ? 'Group' : `Group ${chosen + 1}`;
  const decide = html`
    ${(['approve', 'skip', 'archive'] as const).map((command) => button(command, { disabled: busy }))}
    ${button('group', { disabled: busy, title: group })}
  `;
  const decided = html`
    ${button('reopen', { classes: 'button-primary', disabled: busy })}
    <button class="button" type="button" @click=${() => session.goOn()}>Go on reviewing</button>
  `;
  return html`
    <div class="review-actions ${isPending(clip) ? '' : 'is-decided'}" role="group" aria-label="Decide">
      ${isPending(clip) ? decide : decided} ${button('undo', { disabled: reversing })} ${button('redo', { disabled: reversing })}
    </div>
    <div class="review-edits" role="group" aria-label="Cut and describe">
      ${EDITS.map((command) => button(command, { classes: 'button-small', disabled: busy }))}
      ${DESCRIPTIONS.map((command) => button(command, { classes: 'button-small' }))}
    </div>
  `;
}

/** What the API did not take, until it is dismissed. */
export function notices(session: ReviewSession): TemplateResult | typeof nothing {
  if (session.answers.notices.length === 0) return nothing;
  return html`
    <div class="review-notices" role="group" aria-label="Not saved">
      ${session.answers.notices.map((notice) => {
        const { clip } = notice;
        return html`
          <div class="notice notice-bad" role="alert">
            <span><strong>${notice.what}</strong> ${notice.sentence}</span>
            <span class="review-choices">
              ${clip === null || clip === session.current?.id
                ? nothing
                : html`<button class="button button-small" type="button" @click=${() => session.open(clip)}>Show the clip</button>`}
              <button class="button button-small" type="button" @click=${() => session.answers.dismiss(notice)}>Dismiss</button>
            </span>
          </div>
        `;
      })}
    </div>
  `;
}

/** The page without a clip: loading, in trouble, or nothing to do. */
export function noClip(session: ReviewSession, button: Button): TemplateResult {
  if (session.trouble !== null) {
    return html`
      <div class="empty" role="alert">
        <h1>The queue could not be loaded</h1>
        <p>${session.trouble}</p>
        <button class="button" type="button" @click=${() => session.fill()}>Try again</button>
      </div>
    `;
  }
  if (!session.queue.loaded) return html`<div class="empty waiting" role="status"><h1>Loading clips…</h1></div>`;
  const { filters } = session;
  const ofVideo = filters.video === null ? nothing : html`<a class="button" href="./grid.html?video=${filters.video}">All its clips</a>`;
  return html`
    <div class="empty">
      <h1>${session.queue.count > 0 ? 'That was the last one' : 'Nothing to review'}</h1>
      <p>${whyNothing(filters)}</p>
      <div class="review-choices">
        ${button('undo', { disabled: session.answers.awaiting !== null })}
        ${isFiltered(filters)
          ? html`${ofVideo}<a class="button button-primary" href="./review.html">Review all clips</a>`
          : html`<a class="button" href="./review.html?state=review_skipped">Look at skipped clips</a>
              <a class="button" href="./index.html">Library</a>`}
      </div>
    </div>
  `;
}

function whyNothing(filters: QueueFilters): string {
  if (!isFiltered(filters)) return 'New clips appear here by themselves as soon as a video is ready.';
  if (!isFiltered({ ...filters, video: null })) return 'No clip of this video waits for you any more.';
  return `No clip fits the filter: ${described(filters, 'this video').join(', ')}.`;
}
