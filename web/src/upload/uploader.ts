import { ApiProblem, isAborted, sentenceOf } from '../api/problem';
import { type KeptUpload, matching, parseKept, withKept, withoutKept } from './kept';
import { bytesOf } from './plan';
import { type PutPart, isPassing } from './storage';
import { type Happening, type Job, jobs } from './transfer';
import { Upload, type UploadItem } from './upload';

const PARTS_AT_ONCE = 4;
/** Addresses asked for at a time: few enough that none runs out before its turn. */
const ADDRESSES_AT_ONCE = 8;

/** What the uploader needs of the API. */
export interface UploadApi {
  create(file: File): Promise<KeptUpload>;
  partsDone(upload: string): Promise<readonly number[]>;
  addresses(upload: string, parts: readonly number[]): Promise<ReadonlyMap<number, string>>;
  complete(upload: string): Promise<{ key: string; version: string | null }>;
  abort(upload: string): Promise<void>;
}

/**
 * Sends files to storage part by part, one file at a time, and keeps what is needed to go on after a reload.
 * What is to be done next is decided by `transfer.ts`; this does it.
 */
export class Uploader extends EventTarget {
  private uploads: Upload[] = [];
  private lastId = 0;

  constructor(
    private readonly api: UploadApi,
    private readonly put: PutPart,
    private readonly store: Pick<Storage, 'getItem' | 'setItem'>,
    private readonly storeKey: string,
    private readonly now: () => number = Date.now,
  ) {
    super();
    for (const kept of this.keptUploads) this.uploads.push(new Upload((this.lastId += 1), kept.name, { kept }));
    for (const upload of this.uploads) void this.learnDone(upload);
  }

  get items(): readonly UploadItem[] {
    return this.uploads.map((upload) => upload.item(this.now()));
  }

  /** Whether leaving the page would interrupt something. */
  get busy(): boolean {
    return this.uploads.some(({ transfer }) => transfer.phase === 'sending' || transfer.phase === 'queued');
  }

  /** Begins each file, or goes on with it where an earlier upload of it was interrupted. */
  add(files: readonly File[]): void {
    for (const file of files) {
      const kept = matching(this.keptUploads, file);
      const known = this.uploads.find((upload) => kept && upload.kept?.upload === kept.upload);
      if (known) {
        known.file ??= file;
        if (known.transfer.phase === 'interrupted') this.happen(known, { kind: 'resume' });
      } else {
        const upload = new Upload((this.lastId += 1), file.name, { file });
        this.uploads.push(upload);
        if (file.size === 0) this.refuse(upload, 'The file is empty.');
      }
    }
    this.changed();
    this.pump();
  }

  pause(id: number): void {
    this.tell(id, { kind: 'pause' });
    this.find(id)?.stop();
  }

  resume(id: number): void {
    this.tell(id, { kind: 'resume' });
  }

  /** Stops and forgets it; storage is told to throw away what it has. */
  cancel(id: number): void {
    const upload = this.find(id);
    if (!upload) return;
    this.drop(id);
    if (!upload.kept) return;
    this.forget(upload.kept.upload);
    this.throwAway(upload.kept);
  }

  /** Parts that stay behind all the same are thrown away by the bucket's lifecycle rule. */
  private throwAway({ upload }: KeptUpload): void {
    this.api.abort(upload).catch(() => undefined);
  }

  /** Takes a finished or refused one off the list. */
  drop(id: number): void {
    this.find(id)?.stop();
    this.uploads = this.uploads.filter((upload) => upload.id !== id);
    this.changed();
    this.pump();
  }

  /** The connection is back: whatever waits for its next try, tries. */
  online(): void {
    for (const { id } of this.uploads) this.tell(id, { kind: 'online' });
  }

  private get keptUploads(): KeptUpload[] {
    return parseKept(this.store.getItem(this.storeKey));
  }

  private keep(kept: readonly KeptUpload[]): void {
    this.store.setItem(this.storeKey, JSON.stringify(kept));
  }

  private forget(upload: string): void {
    this.keep(withoutKept(this.keptUploads, upload));
  }

  private find(id: number): Upload | undefined {
    return this.uploads.find((upload) => upload.id === id);
  }

  private tell(id: number, happening: Happening): void {
    const upload = this.find(id);
    if (upload) this.happen(upload, happening);
    this.pump();
  }

  private refuse(upload: Upload, sentence: string): void {
    this.happen(upload, { kind: 'failed', part: null, passing: false, sentence, now: this.now() });
  }

  private happen(upload: Upload, happening: Happening): void {
    upload.happen(happening, this.now());
    this.changed();
  }

  private changed(): void {
    this.dispatchEvent(new Event('change'));
  }

  /** Gives the next file its turn where none is being sent, and begins whatever is to begin. */
  private pump(): void {
    if (!this.uploads.some(({ transfer }) => transfer.phase === 'sending')) {
      const next = this.uploads.find(({ transfer }) => transfer.phase === 'queued');
      if (next) this.happen(next, { kind: 'turn' });
    }
    for (const upload of this.uploads) {
      clearTimeout(upload.timer);
      for (const job of jobs(upload.transfer, this.now(), PARTS_AT_ONCE)) this.begin(upload, job);
    }
  }

  private begin(upload: Upload, job: Job): void {
    switch (job.kind) {
      case 'wait':
        upload.timer = setTimeout(() => this.pump(), Math.max(0, job.until - this.now()));
        break;
      case 'begin':
        this.happen(upload, { kind: 'arranging' });
        void this.attempt(upload, null, () => this.arrange(upload));
        break;
      case 'part':
        this.happen(upload, { kind: 'part_started', part: job.part });
        void this.attempt(upload, job.part, (signal) => this.sendPart(upload, job.part, signal));
        break;
      case 'complete':
        this.happen(upload, { kind: 'arranging' });
        void this.attempt(upload, null, () => this.complete(upload));
        break;
    }
  }

  /** Does something; what goes wrong becomes a happening. What was stopped meanwhile is of no interest. */
  private async attempt(
    upload: Upload,
    part: number | null,
    task: (signal: AbortSignal) => Promise<Happening>,
  ): Promise<void> {
    const { signal } = upload.abort;
    let happening: Happening;
    try {
      happening = await task(signal);
    } catch (error) {
      if (isAborted(error)) return;
      if (part !== null) upload.addresses.delete(part);
      happening = { kind: 'failed', part, passing: isPassing(error), sentence: sentenceOf(error), now: this.now() };
    }
    if (signal.aborted || this.find(upload.id) !== upload) return;
    this.happen(upload, happening);
    this.pump();
  }

  private async arrange(upload: Upload): Promise<Happening> {
    if (!upload.file) throw new Error('The file has to be chosen again.');
    if (upload.kept) {
      try {
        const done = await this.api.partsDone(upload.kept.upload);
        return { kind: 'planned', plan: upload.kept.plan, done };
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.mayPass) throw error;
        // Storage has thrown the upload away: from the beginning.
        this.forget(upload.kept.upload);
      }
    }
    const made = await this.api.create(upload.file);
    if (!this.uploads.includes(upload)) {
      // Cancelled while storage was asked: kept, it would come back after a reload.
      this.throwAway(made);
      throw new DOMException('The upload was cancelled.', 'AbortError');
    }
    upload.kept = made;
    this.keep(withKept(this.keptUploads, upload.kept));
    return { kind: 'planned', plan: upload.kept.plan, done: [] };
  }

  private async sendPart(upload: Upload, part: number, signal: AbortSignal): Promise<Happening> {
    const { file, kept } = upload;
    if (!file || !kept) throw new Error('The file has to be chosen again.');
    const address = await this.addressOf(upload, kept, part);
    const { start, end } = bytesOf(kept.plan, part);
    const sent = (bytes: number) => this.happen(upload, { kind: 'part_progress', part, bytes });
    if (!signal.aborted) await this.put(address, file.slice(start, end), sent, signal);
    upload.addresses.delete(part);
    return { kind: 'part_done', part };
  }

  private async addressOf(upload: Upload, { upload: id, plan }: KeptUpload, part: number): Promise<string> {
    const ask = async () => {
      const missing: number[] = [];
      for (let next = part; next <= plan.parts && missing.length < ADDRESSES_AT_ONCE; next += 1) {
        if (!upload.transfer.done.has(next) && !upload.addresses.has(next)) missing.push(next);
      }
      for (const [number, url] of await this.api.addresses(id, missing)) upload.addresses.set(number, url);
    };
    // Parts that begin together share one question; what it left out is asked for once more.
    for (let question = 0; question < 2 && !upload.addresses.has(part); question += 1) {
      await (upload.asking ??= ask().finally(() => (upload.asking = undefined)));
    }
    const address = upload.addresses.get(part);
    if (address === undefined) throw new Error('Storage gave no address for a part of the file.');
    return address;
  }

  private async complete(upload: Upload): Promise<Happening> {
    if (!upload.kept) throw new Error('The file has to be chosen again.');
    upload.uploaded = await this.api.complete(upload.kept.upload);
    this.forget(upload.kept.upload);
    return { kind: 'completed' };
  }

  /** How far an interrupted one had come; one that storage no longer knows is forgotten. */
  private async learnDone(upload: Upload): Promise<void> {
    const { kept } = upload;
    if (!kept) return;
    try {
      const done = await this.api.partsDone(kept.upload);
      if (upload.transfer.phase === 'interrupted') this.happen(upload, { kind: 'planned', plan: kept.plan, done });
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.mayPass || upload.transfer.phase !== 'interrupted') return;
      this.forget(kept.upload);
      this.drop(upload.id);
    }
  }
}
