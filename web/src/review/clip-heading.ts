import { type TemplateResult, html, nothing } from 'lit';
import type { Clip } from '../api/types';
import { counted, duration, framesPerSecond, timecode } from '../shared/format';
import { stateMark } from '../shared/state-mark';
import { clipWording, isPending, stateKind } from '../shared/states';

function facts(clip: Clip): string {
  const frames = clip.end_frame - clip.start_frame;
  return [
    counted(frames, 'frame'),
    duration(frames / framesPerSecond(clip.fps)),
    clip.confidence === null ? null : `cuts ${Math.round(clip.confidence * 100)} % sure`,
  ]
    .filter((fact) => fact !== null)
    .join(', ');
}

/** Which clip is on screen, and what is known of it. */
export function clipHeading(clip: Clip, isBeingEdited: boolean): TemplateResult {
  return html`
    <div class="review-clip">
      <h1 title=${clip.video_title}>${clip.video_title}</h1>
      <p class="review-facts soft small">
        <span class="figures">${timecode(clip.start_frame, clip.fps)}</span>
        <span>${facts(clip)}</span>
        ${isBeingEdited ? html`<span class="tag tag-wait">Being cut…</span>` : stateTag(clip)}
        ${clip.group_id === null ? nothing : html`<span class="tag">Grouped</span>`}
        ${clip.claimed_by === null ? nothing : html`<span class="tag tag-wait">${clip.claimed_by} is looking at it</span>`}
        <a href="./activity.html?clip=${clip.id}">Activity</a>
        <a href="./grid.html?video=${clip.video_id}">All clips</a>
        ${clip.tags.map((tag) => html`<span class="tag" data-tag>#${tag}</span>`)}
      </p>
      ${clip.note === null ? nothing : html`<p class="review-note small" data-note>${clip.note}</p>`}
    </div>
  `;
}

function stateTag(clip: Clip) {
  if (isPending(clip)) return nothing;
  const { words, tone } = clipWording(clip.state);
  const said = tone === 'bad' ? words.charAt(0).toUpperCase() + words.slice(1) : `Already ${words}`;
  return html`<span class="tag tag-${tone}">${stateMark(stateKind(clip.state))} ${said}</span>`;
}
