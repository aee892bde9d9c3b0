import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Video } from '../api/types';
import { PageElement } from '../shared/element';
import { bytes } from '../shared/format';

/** How far a video's download is. */
@customElement('download-line')
export class DownloadLine extends PageElement {
  @property({ attribute: false }) video!: Video;

  protected override render() {
    const { download, state, site } = this.video;
    if (!download || state !== 'downloading') return nothing;
    const { bytes_done: done, bytes_total: total } = download;
    const amount = total === null ? bytes(done) : `${bytes(done)} of ${bytes(total)}`;
    const from = site === null ? '' : ` from ${site}`;
    return html`<p class="soft small figures">Downloaded ${amount}${from}</p>`;
  }
}
