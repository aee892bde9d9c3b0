import type { KeptUpload } from './kept';
import { type Sample, rateOf, sampled, secondsLeft } from './rate';
import { type Happening, type Phase, type Transfer, after, sentBytes, transferOf } from './transfer';

/** An upload as a page shows it. */
export interface UploadItem {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly phase: Phase;
  readonly sentBytes: number;
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** When the next try is due, milliseconds. */
  readonly retryAt: number | null;
  readonly trouble: string | null;
  /** Where it lies, once it does; the video has the same key and version. */
  readonly uploaded: { readonly key: string; readonly version: string | null } | null;
}

/** A file on its way, with what the browser holds for it. */
export class Upload {
  file: File | null;
  kept: KeptUpload | null;
  transfer: Transfer;
  samples: readonly Sample[] = [];
  addresses = new Map<number, string>();
  uploaded: UploadItem['uploaded'] = null;
  asking: Promise<void> | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Ends what is under way. */
  abort = new AbortController();

  constructor(
    readonly id: number,
    readonly name: string,
    of: { file: File } | { kept: KeptUpload },
  ) {
    this.file = 'file' in of ? of.file : null;
    this.kept = 'kept' in of ? of.kept : null;
    this.transfer = 'file' in of ? transferOf(of.file.size) : transferOf(of.kept.plan.sizeBytes, 'interrupted');
  }

  stop(): void {
    clearTimeout(this.timer);
    this.abort.abort();
    this.abort = new AbortController();
  }

  happen(happening: Happening, now: number): void {
    this.transfer = after(this.transfer, happening);
    const { phase } = this.transfer;
    this.samples = phase === 'sending' ? sampled(this.samples, { at: now, bytes: sentBytes(this.transfer) }) : [];
    if (phase === 'failed') this.stop();
  }

  item(now: number): UploadItem {
    const { id, name, transfer, samples, uploaded } = this;
    const sent = sentBytes(transfer);
    const bytesPerSecond = rateOf(samples, now);
    return {
      id,
      name,
      sizeBytes: transfer.sizeBytes,
      phase: transfer.phase,
      sentBytes: sent,
      bytesPerSecond,
      secondsLeft: secondsLeft(transfer.sizeBytes - sent, bytesPerSecond),
      retryAt: transfer.retryAt,
      trouble: transfer.trouble,
      uploaded,
    };
  }
}
