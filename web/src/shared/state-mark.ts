import { type TemplateResult, html } from 'lit';
import type { StateKind } from './states';
import './state-mark.css';

/** Each kind's shape in a field of 16 by 16; the timeline draws the same ones. */
export const MARK_SHAPES: Readonly<Record<StateKind, string>> = {
  pending: 'M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10',
  good: 'M3 8.5l3.5 3.5L13 4.5',
  skipped: 'M3.5 4l4 4l-4 4M8.5 4l4 4l-4 4',
  archived: 'M3.5 6v6.5h9V6M2.5 3.5h11V6h-11zM6.5 8.5h3',
  bad: 'M8 2.5l6 10.5H2zM8 6.5v3M8 11.2v.1',
};

/** A clip's state as a mark; the words belong beside it or in a label. */
export function stateMark(kind: StateKind): TemplateResult {
  return html`<svg class="state-mark state-${kind}" viewBox="0 0 16 16" aria-hidden="true"><path d=${MARK_SHAPES[kind]} /></svg>`;
}
