import { type TemplateResult, html, nothing } from 'lit';
import { type Command, commandInfo } from './commands';
import { type KeyMap, ariaKeys, shownKey } from './key-map';
import { IS_APPLE } from './key-store';

interface Options {
  readonly keys: KeyMap;
  readonly run: (command: Command) => void;
  readonly disabled?: boolean;
  /** Another name than the command's own. */
  readonly title?: string;
  readonly classes?: string;
}

/** A button that does what a key does, and shows which. */
export function commandButton(command: Command, { keys, run, disabled = false, title, classes = '' }: Options): TemplateResult {
  const { title: name, does } = commandInfo(command);
  const key = shownKey(keys, command, IS_APPLE);
  const shortcuts = ariaKeys(keys, command);
  return html`
    <button
      class="button command-${command} ${classes}"
      type="button"
      ?disabled=${disabled}
      title=${does}
      aria-keyshortcuts=${shortcuts === '' ? nothing : shortcuts}
      @click=${() => run(command)}
    >
      ${title ?? name} ${key === null ? nothing : html`<kbd aria-hidden="true">${key}</kbd>`}
    </button>
  `;
}
