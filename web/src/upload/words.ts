// Uploads in words. Pure.
import { bytes, duration } from '../shared/format';
import type { UploadItem } from './upload';

/** Where an upload stands, in a line. */
export function standing(item: UploadItem, now: number): string {
  switch (item.phase) {
    case 'queued':
      return `Waiting for its turn · ${bytes(item.sizeBytes)}`;
    case 'sending':
      return item.retryAt === null ? sending(item) : `${item.trouble ?? ''} ${tryingAgain(item.retryAt, now)}`.trim();
    case 'paused':
      return `Paused · ${share(item)}`;
    case 'interrupted':
      return `Interrupted · ${share(item)} · choose the file again to go on`;
    case 'done':
      return `Uploaded · ${bytes(item.sizeBytes)}`;
    case 'failed':
      return item.trouble ?? 'The upload failed.';
  }
}

function share({ sentBytes, sizeBytes }: UploadItem): string {
  return `${bytes(sentBytes)} of ${bytes(sizeBytes)}`;
}

function sending(item: UploadItem): string {
  if (item.sentBytes >= item.sizeBytes) return `Finishing · ${bytes(item.sizeBytes)}`;
  const { bytesPerSecond, secondsLeft } = item;
  const rate = bytesPerSecond === null ? null : `${bytes(bytesPerSecond)}/s`;
  const left = secondsLeft === null ? null : `${duration(Math.max(1, secondsLeft))} left`;
  return [share(item), rate, left].filter((part) => part !== null).join(' · ');
}

function tryingAgain(at: number, now: number): string {
  const seconds = Math.ceil((at - now) / 1000);
  return seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again…';
}

export function percent({ sentBytes, sizeBytes }: UploadItem): number {
  return sizeBytes === 0 ? 0 : Math.min(100, Math.floor((100 * sentBytes) / sizeBytes));
}
