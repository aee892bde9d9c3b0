// How a reviewer likes clips to be played, remembered in the browser.

export interface PlayPreferences {
  readonly speed: number;
  readonly sound: boolean;
}

const KEY = 'heaters.player';
const DEFAULTS: PlayPreferences = { speed: 1, sound: false };
const SLOWEST = 0.25;
const FASTEST = 4;

/** Pure: reads what was kept, and nothing that a player could not do. */
export function parsePreferences(text: string | null): PlayPreferences {
  try {
    const value = JSON.parse(text ?? 'null') as Partial<PlayPreferences> | null;
    const speed = typeof value?.speed === 'number' ? value.speed : DEFAULTS.speed;
    return { speed: Math.min(FASTEST, Math.max(SLOWEST, speed)), sound: value?.sound === true };
  } catch {
    return DEFAULTS;
  }
}

export function loadPreferences(): PlayPreferences {
  return parsePreferences(localStorage.getItem(KEY));
}

export function savePreferences(preferences: PlayPreferences): void {
  localStorage.setItem(KEY, JSON.stringify(preferences));
}
