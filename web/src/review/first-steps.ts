import { type Command, commandInfo } from './commands';

const KEY = 'heaters.has-decided';

/** What the three decisions mean: on a touch screen nothing else says so. */
const WORDS =
  'Approve exports the clip and makes it searchable, Skip leaves it for later, Archive puts it away. Undo takes anything back.';

/** Said to whoever has not decided about a clip in this browser yet. */
export class FirstSteps {
  private over = localStorage.getItem(KEY) !== null;

  get words(): string | null {
    return this.over ? null : WORDS;
  }

  did(command: Command): void {
    if (this.over || commandInfo(command).group !== 'Decide') return;
    this.over = true;
    localStorage.setItem(KEY, 'true');
  }
}
