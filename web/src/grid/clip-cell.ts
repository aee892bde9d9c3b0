import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Clip } from '../api/types';
import '../player/clip-loop';
import type { ClipMedia } from '../player/media';
import { PageElement } from '../shared/element';
import { timecode } from '../shared/format';
import { stateMark } from '../shared/state-mark';
import { type StateKind, clipWording, stateKind } from '../shared/states';
import { type Tile, tilePicture } from '../shared/tile';
import './clip-cell.css';
import { secondsOf } from './shown';

/** How a clip looks in the grid; what is done with it is the grid's. */
@customElement('clip-cell')
export class ClipCell extends PageElement {
  @property({ attribute: false }) clip!: Clip;
  @property({ attribute: false }) kind!: StateKind;
  @property({ attribute: false }) tile: Tile | null = null;
  /** What plays instead of the picture. */
  @property({ attribute: false }) media: ClipMedia | null = null;

  protected override render() {
    const { clip, kind, media } = this;
    const notes = [clip.claimed_by === null ? null : `being reviewed by ${clip.claimed_by}`, clip.note];
    const remark = notes.filter((note) => note !== null).join(' · ');
    return html`
      <span class="clip-cell-picture">
        ${this.tile ? tilePicture(this.tile) : nothing}
        ${media ? html`<clip-loop .media=${media}></clip-loop>` : nothing}
        <span class="clip-cell-mark">${stateMark(kind)}</span>
        <span class="clip-cell-length figures">${secondsOf(clip).toFixed(1)} s</span>
      </span>
      <span class="clip-cell-line">
        <span class="figures small">${timecode(clip.start_frame, clip.fps)}</span>
        <span class="visually-hidden">${wordsOf(clip, kind)}</span>
        ${clip.group_id === null
          ? nothing
          : html`<span class="clip-cell-group" title="Grouped"
              ><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M2 5h8v8H2zM6 5V2.5h8v8h-4" /></svg
              ><span class="visually-hidden">grouped</span></span
            >`}
        ${clip.confidence === null
          ? nothing
          : html`<span class="soft small figures" title="How certain the less certain of its cuts is"
              >${Math.round(100 * clip.confidence)} %<span class="visually-hidden"> sure of its cuts</span></span
            >`}
      </span>
      ${clip.tags.length === 0 ? nothing : html`<span class="clip-cell-tags small soft">${clip.tags.join(', ')}</span>`}
      ${remark === '' ? nothing : html`<span class="clip-cell-tags small soft">${remark}</span>`}
    `;
  }
}

function wordsOf(clip: Clip, kind: StateKind): string {
  // The clip's own state says more, as long as it is the one shown.
  if (stateKind(clip.state) === kind) return clipWording(clip.state).words;
  return kind === 'good' ? 'approved' : kind === 'pending' ? 'to review' : kind;
}
