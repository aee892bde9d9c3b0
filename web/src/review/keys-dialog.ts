import { html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { PageElement } from '../shared/element';
import './keys-dialog.css';

const KEYS: readonly { keys: readonly string[]; does: string }[] = [
  { keys: ['A'], does: 'Approve: the clip is exported and becomes searchable' },
  { keys: ['S'], does: 'Skip: the clip is not exported' },
  { keys: ['X'], does: 'Archive: the clip is put away' },
  { keys: ['U', 'Ctrl Z', '⌘ Z'], does: 'Undo the latest decision; again for the one before' },
  { keys: ['Space'], does: 'Play or pause' },
  { keys: ['←', '→'], does: 'One frame back or on' },
  { keys: ['?'], does: 'Show these keys' },
];

/** Which key does what. */
@customElement('keys-dialog')
export class KeysDialog extends PageElement {
  private get dialog(): HTMLDialogElement | null {
    return this.querySelector('dialog');
  }

  get open(): boolean {
    return this.dialog?.open ?? false;
  }

  show(): void {
    if (!this.open) this.dialog?.showModal();
  }

  /** A press beside the dialog's content closes it. */
  private onPress(event: MouseEvent): void {
    if (event.target === this.dialog) this.dialog?.close();
  }

  protected override render() {
    return html`
      <dialog class="keys-dialog" aria-labelledby="keys-title" @click=${this.onPress}>
        <form method="dialog">
          <h2 id="keys-title">Keys</h2>
          <dl>
            ${KEYS.map(
              ({ keys, does }) => html`
                <div>
                  <dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt>
                  <dd>${does}</dd>
                </div>
              `,
            )}
          </dl>
          <button class="button">Close</button>
        </form>
      </dialog>
    `;
  }
}
