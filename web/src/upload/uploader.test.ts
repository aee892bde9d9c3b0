import { expect, it } from 'vitest';
import { ApiProblem, Unreachable } from '../api/problem';
import type { KeptUpload } from './kept';
import type { PutPart } from './storage';
import { type UploadApi, Uploader } from './uploader';

const PART_BYTES = 10;

/** Storage with multipart uploads, whose connection can be cut. */
class Storage {
  readonly uploads = new Map<string, Map<number, string>>();
  readonly finished = new Map<string, string>();
  readonly sent: number[] = [];
  connected = true;
  /** Which parts stay under way until the storage is told to go on. */
  readonly held = new Set<number>();
  private made = 0;

  readonly api: UploadApi = {
    create: (file) => {
      this.reach();
      if (file.size > 100) throw new ApiProblem(413, 'Too large', 'The file is too large.');
      const upload = `u${(this.made += 1)}`;
      this.uploads.set(upload, new Map());
      const plan = { sizeBytes: file.size, partBytes: PART_BYTES, parts: Math.ceil(file.size / PART_BYTES) };
      return Promise.resolve({ upload, key: file.name, name: file.name, lastModifiedMs: file.lastModified, plan });
    },
    partsDone: (upload) => {
      this.reach();
      return Promise.resolve([...this.parts(upload).keys()]);
    },
    addresses: (upload, parts) => Promise.resolve(new Map(parts.map((part) => [part, `${upload}/${part}`]))),
    complete: (upload) => {
      this.reach();
      const parts = [...this.parts(upload)].sort(([one], [other]) => one - other);
      this.finished.set(upload, parts.map(([, text]) => text).join(''));
      return Promise.resolve({ key: upload, version: 'v1' });
    },
    abort: (upload) => {
      this.uploads.delete(upload);
      return Promise.resolve();
    },
  };

  readonly put: PutPart = async (url, part, sent, signal) => {
    this.reach();
    const [upload = '', number = ''] = url.split('/');
    this.sent.push(Number(number));
    sent(part.size);
    while (this.held.has(Number(number))) {
      if (signal.aborted) throw new DOMException('stopped', 'AbortError');
      await tick();
    }
    this.parts(upload).set(Number(number), await part.text());
  };

  private reach(): void {
    if (!this.connected) throw new Unreachable('test');
  }

  private parts(upload: string): Map<number, string> {
    const parts = this.uploads.get(upload);
    if (!parts) throw new ApiProblem(404, 'Not found', 'There is no such upload.');
    return parts;
  }
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 0));

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !holds(); turn += 1) await tick();
  expect(holds()).toBe(true);
}

function browser() {
  const stored = new Map<string, string>();
  return { getItem: (key: string) => stored.get(key) ?? null, setItem: (key: string, text: string) => void stored.set(key, text) };
}

const TEXT = 'abcdefghij'.repeat(4) + 'xyz';
const file = () => new File([TEXT], 'film.mp4', { lastModified: 5 });

function page(storage: Storage, store = browser()) {
  return { store, uploader: new Uploader(storage.api, storage.put, store, 'uploads') };
}

it('brings a file to storage whole, and forgets it', async () => {
  const storage = new Storage();
  const { uploader, store } = page(storage);
  uploader.add([file()]);
  await until(() => uploader.items[0]?.phase === 'done');
  expect(storage.finished.get('u1')).toBe(TEXT);
  expect(uploader.items[0]?.uploaded).toEqual({ key: 'u1', version: 'v1' });
  expect(store.getItem('uploads')).toBe('[]');
});

it('goes on after a reload with what is missing, once the same file is chosen', async () => {
  const storage = new Storage();
  const first = page(storage);
  for (const part of [3, 4, 5]) storage.held.add(part);
  first.uploader.add([file()]);
  await until(() => storage.uploads.get('u1')?.size === 2);

  // The page goes, and what it had under way with it.
  first.uploader.pause(1);
  await tick();
  storage.sent.length = 0;
  storage.held.clear();
  const second = page(storage, first.store);
  await until(() => second.uploader.items[0]?.sentBytes === 20);
  expect(second.uploader.items[0]?.phase).toBe('interrupted');
  second.uploader.add([new File(['other'], 'other.mp4'), file()]);
  await until(() => second.uploader.items.every(({ phase }) => phase === 'done'));
  expect(storage.finished.get('u1')).toBe(TEXT);
  expect(storage.sent.sort()).toEqual([1, 3, 4, 5]);
  expect(second.uploader.items).toHaveLength(2);
});

it('pauses, and sends the parts under way again', async () => {
  const storage = new Storage();
  const { uploader } = page(storage);
  storage.held.add(2);
  uploader.add([file()]);
  await until(() => storage.uploads.get('u1')?.size === 4);
  uploader.pause(1);
  expect(uploader.items[0]).toMatchObject({ phase: 'paused', sentBytes: 33, bytesPerSecond: null });
  storage.held.clear();
  await tick();
  expect(storage.finished.size).toBe(0);
  uploader.resume(1);
  await until(() => storage.finished.get('u1') === TEXT);
  expect(storage.sent.filter((part) => part === 2)).toHaveLength(2);
});

it('waits out a lost connection', async () => {
  const storage = new Storage();
  const { uploader } = page(storage);
  storage.connected = false;
  uploader.add([file()]);
  await until(() => uploader.items[0]?.retryAt !== null);
  expect(uploader.items[0]).toMatchObject({ phase: 'sending', trouble: 'Heaters cannot be reached. Check the connection and try again.' });
  storage.connected = true;
  uploader.online();
  await until(() => storage.finished.get('u1') === TEXT);
  expect(uploader.items[0]?.trouble).toBeNull();
});

it('says why a file is refused, and goes on with the next', async () => {
  const storage = new Storage();
  const { uploader } = page(storage);
  uploader.add([new File([], 'empty.mp4'), new File(['x'.repeat(101)], 'large.mp4'), file()]);
  await until(() => uploader.items[2]?.phase === 'done');
  expect(uploader.items.map(({ trouble }) => trouble)).toEqual(['The file is empty.', 'The file is too large.', null]);
});

it('cancels in the browser and in storage', async () => {
  const storage = new Storage();
  const { uploader, store } = page(storage);
  storage.held.add(1);
  uploader.add([file()]);
  await until(() => (storage.uploads.get('u1')?.size ?? 0) > 2);
  uploader.cancel(1);
  await tick();
  expect([uploader.items, storage.uploads.size, store.getItem('uploads')]).toEqual([[], 0, '[]']);
});

it('cancels what storage is just being asked for', async () => {
  const storage = new Storage();
  const { uploader, store } = page(storage);
  uploader.add([file()]);
  uploader.cancel(1);
  await tick();
  expect(storage.uploads.size).toBe(0);
  expect(page(storage, store).uploader.items).toEqual([]);
});

it('begins again where storage no longer knows the upload', async () => {
  const storage = new Storage();
  const store = browser();
  const stale: KeptUpload = { upload: 'gone', key: 'k', name: 'film.mp4', lastModifiedMs: 5, plan: { sizeBytes: 43, partBytes: 10, parts: 5 } };
  store.setItem('uploads', JSON.stringify([stale]));
  const { uploader } = page(storage, store);
  uploader.add([file()]);
  await until(() => storage.finished.get('u1') === TEXT);
});
