import type { Rational } from '../api/types';

export function framesPerSecond(fps: Rational): number {
  return fps.den > 0 ? fps.num / fps.den : 0;
}

/** `0:07`, `12:30`, `1:02:03`: a length for people. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** `00:01:23:04`: hours, minutes, seconds and the frame within the second. */
export function timecode(frame: number, fps: Rational): string {
  const rate = framesPerSecond(fps);
  if (rate === 0) return '--:--:--:--';
  // The small allowance keeps a frame that starts a second from falling into the one before.
  const second = Math.floor(frame / rate + 1e-6);
  const within = frame - Math.ceil(second * rate - 1e-6);
  return [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60, within]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** `640 ms`, `4.2 s`, `3:05`: how long something took. */
export function took(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return milliseconds < 3_600_000 ? `${duration(milliseconds / 1000)} min` : `${duration(milliseconds / 1000)} h`;
}

const WHOLE = new Intl.NumberFormat('en');

export function count(number: number): string {
  return WHOLE.format(number);
}

/** `1 clip`, `1,204 clips`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `81.4 MB`. */
export function bytes(value: number): string {
  const step = value < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** step).toFixed(1))} ${BYTE_UNITS[step] ?? 'B'}`;
}

/** A metric of a stage by its name, whose ending is its unit: `read_bytes`, `cpu_ms`, `frames`. */
export function metric(name: string, value: number): { label: string; value: string } {
  const unit = /_(bytes|ms)$/.exec(name)?.[1];
  const label = (unit ? name.slice(0, -unit.length - 1) : name).replaceAll('_', ' ');
  if (unit === 'bytes') return { label, value: bytes(value) };
  if (unit === 'ms') return { label, value: took(value) };
  return { label, value: new Intl.NumberFormat('en', { maximumFractionDigits: 2 }).format(value) };
}

/** `a word` from `a_word`. */
export function words(name: string): string {
  return name.replaceAll('_', ' ');
}

const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const AGO_STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** `3 hours ago`, `yesterday`, `just now`. */
export function ago(time: string, now: number): string {
  const seconds = (Date.parse(time) - now) / 1000;
  for (const [unit, size] of AGO_STEPS) {
    if (Math.abs(seconds) >= size) return AGO.format(Math.round(seconds / size), unit);
  }
  return 'just now';
}
