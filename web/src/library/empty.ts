// What the library says where it has nothing to show.
import { type TemplateResult, html } from 'lit';

export function emptyLibrary(): TemplateResult {
  return html`
    <div class="empty">
      <h2>No videos yet</h2>
      <p>Drop video files anywhere on this page, choose them with “Upload videos”, or add them from the web.</p>
      <p class="small">Files in the uploads bucket appear here by themselves, too:</p>
      <code>aws s3 cp film.mp4 s3://&lt;uploads bucket&gt;/</code>
    </div>
  `;
}

export function emptyDeleted(): TemplateResult {
  return html`
    <div class="empty">
      <h2>Nothing is deleted</h2>
      <p>Videos that are deleted stay here for 30 days and can be restored.</p>
    </div>
  `;
}

export function emptySearch(text: string): TemplateResult {
  return html`
    <div class="empty">
      <h2>No video matches</h2>
      <p>No name contains “${text}”.</p>
    </div>
  `;
}
