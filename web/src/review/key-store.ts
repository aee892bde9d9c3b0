import { DEFAULT_KEYS, type KeyMap, parseKeyMap } from './key-map';

/** Whether this is one of the computers whose key for shortcuts is ⌘. */
export const IS_APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The reviewer's keys, remembered in the browser and the same in all its tabs. */
export class KeyStore {
  private static readonly KEY = 'heaters.keys';
  map: KeyMap = parseKeyMap(localStorage.getItem(KeyStore.KEY));
  private readonly onStorage = (event: StorageEvent) => {
    if (event.key !== KeyStore.KEY) return;
    this.map = parseKeyMap(event.newValue);
    this.changed();
  };

  constructor(private readonly changed: () => void) {
    window.addEventListener('storage', this.onStorage);
  }

  set(map: KeyMap): void {
    this.map = map;
    localStorage.setItem(KeyStore.KEY, JSON.stringify(map));
    this.changed();
  }

  reset(): void {
    this.set(DEFAULT_KEYS);
  }

  close(): void {
    window.removeEventListener('storage', this.onStorage);
  }
}
