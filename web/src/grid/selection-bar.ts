import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { commandInfo } from '../review/commands';
import { type KeyMap, ariaKeys, shownKey } from '../review/key-map';
import { IS_APPLE } from '../review/key-store';
import { PageElement } from '../shared/element';
import { counted } from '../shared/format';
import { BULK, type BulkCommand, TOO_MANY } from './bulk';
import './selection-bar.css';

/** What can be done with the chosen clips. Tells `bulk`, `open-clip` and `choose-none`. */
@customElement('selection-bar')
export class SelectionBar extends PageElement {
  @property({ attribute: false }) keys!: KeyMap;
  @property({ attribute: false }) chosen = 0;
  /** Why a command cannot be done with what is chosen; commands left out can. */
  @property({ attribute: false }) hindrances: Readonly<Partial<Record<BulkCommand, string>>> = {};

  private tell(type: string, detail: unknown = null): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  protected override render() {
    if (this.chosen === 0) return nothing;
    return html`
      <div class="selection-bar" role="toolbar" aria-label="With the chosen clips">
        <span class="selection-bar-count">${counted(this.chosen, 'clip')} chosen</span>
        ${BULK.map((command) => this.button(command))}
        ${this.chosen === 1
          ? html`<button class="button button-small" type="button" @click=${() => this.tell('open-clip')}>Open in review</button>`
          : nothing}
        <button class="button button-small selection-bar-none" type="button" @click=${() => this.tell('choose-none')}>
          Choose none
        </button>
        ${Object.values(this.hindrances).includes(TOO_MANY)
          ? html`<p class="selection-bar-limit small" role="status">${TOO_MANY}</p>`
          : nothing}
      </div>
    `;
  }

  private button(command: BulkCommand) {
    const hindrance = this.hindrances[command];
    // Mostly nothing that is chosen can be brought back: then it is no choice.
    if (command === 'reopen' && hindrance !== undefined && hindrance !== TOO_MANY) return nothing;
    const key = shownKey(this.keys, command, IS_APPLE);
    return html`<button
      class="button button-small ${command === 'approve' ? 'button-primary' : ''}"
      type="button"
      data-bulk=${command}
      title=${hindrance ?? nothing}
      aria-keyshortcuts=${ariaKeys(this.keys, command) || nothing}
      ?disabled=${hindrance !== undefined}
      @click=${() => this.tell('bulk', command)}
    >
      ${commandInfo(command).title}${key === null ? nothing : html` <kbd aria-hidden="true">${key}</kbd>`}
    </button>`;
  }
}
