import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { PageElement } from '../shared/element';
import { COMMAND_NAMES, type Command, GROUPS, commandInfo } from './commands';
import { chordName, isChanged, keysOf, remap, withoutKey } from './key-map';
import { IS_APPLE, type KeyStore } from './key-store';
import { chordOf, pressOf } from './keys';
import './keys-dialog.css';

/** Which key does what; any can be changed, and all single keys switched off. */
@customElement('keys-dialog')
export class KeysDialog extends PageElement {
  @property({ attribute: false }) store!: KeyStore;
  /** The command that the next key press is for. */
  @state() private waiting: Command | null = null;
  @state() private told = '';

  private get dialog(): HTMLDialogElement | null {
    return this.querySelector('dialog');
  }

  show(): void {
    this.told = '';
    if (!this.dialog?.open) this.dialog?.showModal();
  }

  /** A press beside the dialog's content closes it. */
  private onPress(event: MouseEvent): void {
    if (event.target === this.dialog) this.dialog?.close();
  }

  private onKey(event: KeyboardEvent): void {
    const { waiting } = this;
    if (!waiting) return;
    // Tab leads on, so that nobody is caught here.
    if (event.key === 'Tab') return void (this.waiting = null);
    const chord = chordOf(pressOf(event));
    if (chord === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.waiting = null;
    if (event.key === 'Escape') return void (this.told = 'The key stays as it was.');
    const { map, taken } = remap(this.store.map, waiting, chord);
    this.store.set(map);
    const name = chordName(chord, IS_APPLE);
    const from = taken ? ` “${commandInfo(taken).title}” has it no more.` : '';
    this.told = `“${commandInfo(waiting).title}” is ${name} now.${from}`;
  }

  private onEnabled(event: Event): void {
    const enabled = (event.target as HTMLInputElement).checked;
    this.store.set({ ...this.store.map, enabled });
    this.told = enabled ? 'Letters and marks are keys again.' : 'Letters and marks do nothing now.';
  }

  private reset(): void {
    this.store.reset();
    this.told = 'All keys are as they were at first.';
  }

  private clear(command: Command): void {
    this.store.set(withoutKey(this.store.map, command));
    this.told = `“${commandInfo(command).title}” has no key now.`;
  }

  protected override render() {
    const { map } = this.store;
    return html`
      <dialog class="keys-dialog" aria-labelledby="keys-title" @click=${this.onPress} @keydown=${this.onKey} @close=${() => (this.waiting = null)}>
        <div class="keys-content">
          <div class="keys-heading">
            <h2 id="keys-title">Keys</h2>
            <button class="button button-small" type="button" @click=${() => this.dialog?.close()}>Close</button>
          </div>
          <label class="keys-enabled">
            <input type="checkbox" .checked=${map.enabled} @change=${this.onEnabled} />
            <span>Letters and marks are keys. <span class="soft">Switch it off if you dictate, or press keys by accident.</span></span>
          </label>
          ${GROUPS.map((group) => this.group(group))}
          <div class="keys-foot">
            <p role="status" aria-live="polite">${this.told}</p>
            <button class="button button-small" type="button" ?disabled=${!isChanged(map)} @click=${this.reset}>As at first</button>
          </div>
        </div>
      </dialog>
    `;
  }

  private group(group: (typeof GROUPS)[number]) {
    const commands = COMMAND_NAMES.filter((command) => commandInfo(command).group === group);
    return html`
      <section>
        <h3>${group}</h3>
        <ul>
          ${commands.map((command) => this.line(command))}
        </ul>
      </section>
    `;
  }

  private line(command: Command) {
    const { title, does } = commandInfo(command);
    const keys = keysOf(this.store.map, command);
    const waits = this.waiting === command;
    return html`
      <li class="keys-line">
        <span class="keys-name">${title}<span class="soft small">${does}</span></span>
        <span class="keys-keys">
          ${waits
            ? html`<em role="status">Press a key…</em>`
            : keys.length === 0
              ? html`<span class="soft">no key</span>`
              : keys.map((key) => html`<kbd>${chordName(key, IS_APPLE)}</kbd> `)}
        </span>
        <button class="button button-small" type="button" aria-label=${`Change the key of “${title}”`} @click=${() => (this.waiting = command)}>
          Change
        </button>
        ${keys.length === 0
          ? nothing
          : html`<button
              class="button button-small"
              type="button"
              aria-label=${`None for “${title}”`}
              @click=${() => this.clear(command)}
            >
              None
            </button>`}
      </li>
    `;
  }
}
