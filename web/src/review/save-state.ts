import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { PageElement } from '../shared/element';
import { counted } from '../shared/format';
import type { OutboxSender } from '../outbox/sender';
import './save-state.css';

/** Whether everything decided is saved, and if not, why. */
@customElement('save-state')
export class SaveState extends PageElement {
  @property({ attribute: false }) outbox!: OutboxSender;
  private stop: (() => void) | undefined;

  protected override updated(changed: Map<string, unknown>): void {
    if (!changed.has('outbox')) return;
    this.stop?.();
    this.stop = this.outbox.onChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop?.();
  }

  protected override render() {
    const unsaved = this.outbox.entries.length;
    const { trouble } = this.outbox;
    if (unsaved === 0) return html`<span class="small soft" data-saved="true">All saved</span>`;
    if (trouble === null) return html`<span class="small soft" data-saved="false">Saving…</span>`;
    return html`
      <span class="save-state small" data-saved="false">
        <span class="tag tag-wait" title=${trouble}>${counted(unsaved, 'decision')} not saved yet</span>
        <button class="button button-small" type="button" @click=${() => this.outbox.retryNow()}>Save now</button>
      </span>
    `;
  }
}
