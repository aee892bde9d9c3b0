const KEY = 'heaters.page';

/** Whether this document is the only one with the id, now and as long as it lives. */
async function isOnlyOne(id: string): Promise<boolean> {
  return new Promise((resolve) => {
    void navigator.locks.request(`${KEY}.${id}`, { ifAvailable: true }, async (lock) => {
      resolve(lock !== null);
      // Held until the document goes: a duplicated tab then gets an id of its own.
      if (lock) await new Promise<never>(() => undefined);
    });
  });
}

/** The page's id, by which it holds claims. A reload keeps it, and with it the claims. */
export async function pageId(): Promise<string> {
  const kept = sessionStorage.getItem(KEY);
  if (kept !== null && (await isOnlyOne(kept))) return kept;
  const id = crypto.randomUUID();
  sessionStorage.setItem(KEY, id);
  await isOnlyOne(id);
  return id;
}
