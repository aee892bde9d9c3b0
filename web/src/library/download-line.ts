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
    const { download, state } = this.video;
    if (!download || state !== 'downloading') return nothing;
    const { bytes_done: done, bytes_total: total, bytes_per_second: rate, tries, max_tries: most } = download;
    const parts = [
      `Downloaded ${total === null ? bytes(done) : `${bytes(done)} of ${bytes(total)}`}`,
      rate === 0 ? null : `${bytes(rate)}/s`,
      tries === 0 ? null : `tried again ${tries} of ${most} times`,
    ];
    return html`<p class="soft small">${parts.filter((part) => part !== null).join(' · ')}</p>`;
  }
}
