import { type Api, bodyOf } from '../api/client';

const KEY = 'heaters.page';
/** What the API takes at once. */
const MOST_KEPT = 100;

/** Gives whether no other document has the id now; if so, none gets it as long as this one lives. */
async function take(id: string): Promise<boolean> {
  return new Promise((resolve) => {
    void navigator.locks.request(`${KEY}.${id}`, { ifAvailable: true }, async (lock) => {
      resolve(lock !== null);
      if (lock) await new Promise<never>(() => undefined);
    });
  });
}

/** This document as the API knows it: by an id, under which it holds claims until it is left. */
export class HeldPage {
  id = '';

  constructor(
    private readonly api: Api,
    /** The clips about which decisions are on their way: nobody else should get them before. */
    private readonly unsaved: () => readonly string[],
  ) {
    window.addEventListener('pagehide', () => this.leave());
    window.addEventListener('pageshow', ({ persisted }) => persisted && void this.begin());
  }

  /** Begins under a new id, once what the tab's document before may have left behind is given up: it may have died. */
  async open(): Promise<void> {
    const before = sessionStorage.getItem(KEY);
    // The id of a tab that was duplicated is in use.
    if (before !== null && (await take(before))) await this.end(before).catch(() => undefined);
    await this.begin();
  }

  /** Others can have its clips at once; what it asked for and was not answered yet counts no more. */
  leave(): void {
    // It may be left before it has begun.
    if (this.id === '') return;
    // Unanswered, the leases end by themselves.
    void this.end(this.id).catch(() => undefined);
  }

  /** Goes on under another id, since one that was left holds nothing any more. */
  async begin(): Promise<void> {
    this.id = crypto.randomUUID();
    sessionStorage.setItem(KEY, this.id);
    await take(this.id);
  }

  private async end(page: string): Promise<void> {
    const body = { page, keep: this.unsaved().slice(0, MOST_KEPT) };
    // It outlives the document.
    await bodyOf(this.api.POST('/v1/claims/leave', { body, keepalive: true }));
  }
}
