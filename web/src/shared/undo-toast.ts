import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { PageElement } from './element';
import './undo-toast.css';

const SHOWN_MS = 8_000;

/**
 * Says what was just done, with a button that takes it back. Stays while the pointer or the focus is on it. Give
 * `text` anew for each action; `undo-wanted` is told when the button is pressed.
 */
@customElement('undo-toast')
export class UndoToast extends PageElement {
  @property({ attribute: false }) text: string | null = null;
  /** Changes with each action, so that the same text shows again. */
  @property({ attribute: false }) token: unknown = null;
  @property({ attribute: false }) undoable = true;
  @state() private gone = true;
  private timer: ReturnType<typeof setTimeout> | undefined;

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('text') && !changed.has('token')) return;
    this.gone = this.text === null;
    this.wait();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  private wait(): void {
    clearTimeout(this.timer);
    if (!this.gone) this.timer = setTimeout(() => (this.gone = true), SHOWN_MS);
  }

  private hold(): void {
    clearTimeout(this.timer);
  }

  private undo(): void {
    this.gone = true;
    this.dispatchEvent(new CustomEvent('undo-wanted'));
  }

  protected override render() {
    const shown = this.gone ? null : this.text;
    return html`
      <div role="status" aria-live="polite">
        ${shown === null
          ? nothing
          : html`<div
              class="undo-toast ${this.undoable ? '' : 'is-plain'}"
              @pointerenter=${this.hold}
              @pointerleave=${this.wait}
              @focusin=${this.hold}
              @focusout=${this.wait}
            >
              <span>${shown}</span>
              ${this.undoable
                ? html`<button class="button button-small" type="button" @click=${this.undo}>Undo</button>`
                : nothing}
            </div>`}
      </div>
    `;
  }
}
