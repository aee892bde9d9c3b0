import { type PropertyValues, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Video } from '../api/types';
import { PageElement } from '../shared/element';
import { counted } from '../shared/format';
import type { App } from '../shell/app';
import { uploadApi } from '../upload/api';
import { onDrop } from '../upload/drop';
import { putPart } from '../upload/storage';
import '../upload/upload-list';
import { Uploader } from '../upload/uploader';
import './add-videos.css';
import './url-form';

/** What the file dialog offers first; anything may be dropped, and is judged by what is in it. */
const ACCEPT = 'video/*,.mkv,.mxf,.ts,.mts,.m2ts,.flv,.avi,.vob,.mpg,.wmv,.mov,.dv,.ogv';

/** Ways to bring videos in: files dropped anywhere on the page or chosen, and addresses. */
@customElement('add-videos')
export class AddVideos extends PageElement {
  @property({ attribute: false }) app!: App;
  /** Those on the page, which show that an upload has become one. */
  @property({ attribute: false }) videos: readonly Video[] = [];
  @state() private hovering = false;
  @state() private byAddress = false;
  @state() private remark: string | null = null;
  private uploader!: Uploader;
  private done = 0;
  private stop = new AbortController();

  override connectedCallback(): void {
    super.connectedCallback();
    this.uploader = new Uploader(uploadApi(this.app.api), putPart, localStorage, `heaters.uploads.${this.app.me.subject}`);
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.uploader.addEventListener('change', () => this.onUploads(), { signal });
    window.addEventListener('online', () => this.uploader.online(), { signal });
    window.addEventListener('beforeunload', (event) => this.uploader.busy && event.preventDefault(), { signal });
    document.addEventListener('click', (event) => this.onLink(event), { signal });
    const stopDrop = onDrop({
      hover: (hovering) => (this.hovering = hovering),
      files: (files, folders) => this.add(files, folders),
    });
    signal.addEventListener('abort', stopDrop);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop.abort();
  }

  /** Leaving the page would interrupt an upload, so that links open beside it meanwhile. */
  private onLink(event: MouseEvent): void {
    const link = (event.target as Element | null)?.closest<HTMLAnchorElement>('a[href]');
    if (!link || !this.uploader.busy || event.defaultPrevented || event.button !== 0) return;
    if (new URL(link.href).pathname === location.pathname) return;
    event.preventDefault();
    window.open(link.href, '_blank');
  }

  private onUploads(): void {
    const done = this.uploader.items.filter(({ phase }) => phase === 'done').length;
    if (done > this.done) this.dispatchEvent(new Event('added'));
    this.done = done;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('videos')) return;
    for (const { id, uploaded } of this.uploader.items) {
      const arrived = this.videos.some(
        ({ source_key: key, source_version: version }) =>
          uploaded !== null && key === uploaded.key && (uploaded.version === null || version === uploaded.version),
      );
      if (arrived) this.uploader.drop(id);
    }
  }

  private add(files: readonly File[], folders: number): void {
    this.remark =
      folders === 0 ? null : `${counted(folders, 'folder was', 'folders were')} left out. Choose the files inside instead.`;
    this.uploader.add(files);
  }

  private choose(): void {
    this.querySelector<HTMLInputElement>('input[type="file"]')?.click();
  }

  private async toggleAddress(): Promise<void> {
    this.byAddress = !this.byAddress;
    await this.updateComplete;
    if (this.byAddress) this.querySelector('textarea')?.focus();
  }

  private onChosen(event: Event): void {
    const input = event.target as HTMLInputElement;
    this.add([...(input.files ?? [])], 0);
    // The same file may be chosen again, after it was cancelled.
    input.value = '';
  }

  protected override render() {
    return html`
      <div class="add-videos">
        <button class="button button-primary" type="button" @click=${this.choose}>Upload videos</button>
        <button
          class="button"
          type="button"
          aria-expanded=${this.byAddress}
          aria-controls="add-by-address"
          @click=${this.toggleAddress}
        >
          Add from the web
        </button>
        <span class="soft small add-videos-hint">or drop files anywhere on this page</span>
        <input type="file" multiple accept=${ACCEPT} hidden aria-label="Video files" @change=${this.onChosen} />
      </div>
      <div id="add-by-address" ?hidden=${!this.byAddress}>
        <url-form .app=${this.app} @urls-submitted=${() => this.dispatchEvent(new Event('added'))}></url-form>
      </div>
      ${this.remark === null ? nothing : html`<p class="notice library-notice" role="status">${this.remark}</p>`}
      <upload-list .uploader=${this.uploader} @choose-files=${this.choose}></upload-list>
      ${this.hovering ? html`<div class="drop-target" aria-hidden="true"><p>Drop to upload</p></div>` : nothing}
    `;
  }
}
