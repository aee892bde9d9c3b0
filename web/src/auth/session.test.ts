import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SiteConfig } from '../config';
import { Session, redirectAddress } from './session';

it.each([
  ['/site/review.html', 'http://h/site/review.html'],
  ['/site/', 'http://h/site/index.html'],
  ['/', 'http://h/index.html'],
])('%s returns to %s', (pathname, address) => {
  expect(redirectAddress({ origin: 'http://h', pathname })).toBe(address);
});

const AUTHORITY = 'https://issuer.test/pool';
const config = { api_url: '', auth: { authority: AUTHORITY, client_id: 'site' } } satisfies SiteConfig;

function encoded(value: object): string {
  return btoa(JSON.stringify(value)).replace(/=+$/, '');
}

/** An issuer that gives a token after another. */
class StillIssuer {
  readonly asked: URLSearchParams[] = [];
  lasts = 3600;
  nonce: string | undefined;

  fetch = (address: URL | string, request?: { body?: URLSearchParams }) => {
    const path = new URL(address).pathname;
    if (path.endsWith('/.well-known/openid-configuration')) {
      const at = (name: string) => `${AUTHORITY}/${name}`;
      return this.answer({ issuer: AUTHORITY, authorization_endpoint: at('authorize'), token_endpoint: at('token') });
    }
    this.asked.push(new URLSearchParams(request?.body));
    const seconds = Math.floor(Date.now() / 1000);
    const claims = { iss: AUTHORITY, aud: 'site', sub: 'tess', iat: seconds, exp: seconds + this.lasts, nonce: this.nonce };
    return this.answer({
      access_token: `token ${this.asked.length}`,
      refresh_token: 'again',
      id_token: `${encoded({ alg: 'RS256' })}.${encoded(claims)}.${encoded({})}`,
      token_type: 'Bearer',
      expires_in: this.lasts,
    });
  };

  private answer(body: object) {
    return Promise.resolve(Response.json(body));
  }
}

describe('signing in', () => {
  const stored = new Map<string, string>();
  let issuer: StillIssuer;
  let gone: URL | undefined;
  let page: { origin: string; pathname: string; search: string; hash: string; assign: (address: string) => void };

  const at = (search: string) => {
    page.search = search;
  };
  /** Begins where nobody is signed in: gives the address of the sign-in. */
  const leave = async () => {
    void Session.start(config);
    await vi.waitFor(() => expect(gone).toBeDefined());
    return (gone as URL).searchParams;
  };
  /** Comes back from the issuer. */
  const signIn = async () => {
    const asked = await leave();
    issuer.nonce = asked.get('nonce') ?? '';
    at(`?code=c&state=${asked.get('state') ?? ''}`);
    return Session.start(config);
  };

  beforeEach(() => {
    issuer = new StillIssuer();
    gone = undefined;
    stored.clear();
    page = { origin: 'https://h', pathname: '/review.html', search: '?video=v', hash: '', assign: (to) => (gone = new URL(to)) };
    vi.stubGlobal('location', page);
    vi.stubGlobal('history', { replaceState: (_: unknown, _title: string, to: string) => at(new URL(to, 'https://h').search) });
    vi.stubGlobal('fetch', issuer.fetch);
    vi.stubGlobal('navigator', { onLine: true });
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
      removeItem: (key: string) => stored.delete(key),
    });
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('goes to the issuer with a proof, and comes back to where the person was', async () => {
    const session = await signIn();
    const asked = gone?.searchParams;
    expect([asked?.get('redirect_uri'), asked?.get('code_challenge_method')]).toEqual(['https://h/review.html', 'S256']);
    expect([await session.token(), session.subject, page.search]).toEqual(['token 1', 'tess', '?video=v']);
    expect(issuer.asked[0]?.get('code_verifier')).toHaveLength(43);
  });

  it('an answer that this page did not ask for signs nobody in', async () => {
    await leave();
    at('?code=c&state=forged');
    await expect(Session.start(config)).rejects.toThrow('Signing in did not work. Try again.');
    expect([stored.has('heaters.session'), page.search]).toEqual([false, '']);
  });

  it('an id token for another sign-in signs nobody in', async () => {
    const asked = await leave();
    issuer.nonce = 'another';
    at(`?code=c&state=${asked.get('state') ?? ''}`);
    await expect(Session.start(config)).rejects.toThrow('Signing in did not work. Try again.');
  });

  it('a reload is still signed in, and a token that runs out is renewed before it is used', async () => {
    await signIn();
    const session = await Session.start(config);
    expect(await session.token()).toBe('token 1');
    vi.useFakeTimers({ now: Date.now() + 3_590_000 });
    expect(await Promise.all([session.token(), session.token()])).toEqual(['token 2', 'token 2']);
    expect(issuer.asked[1]?.get('refresh_token')).toBe('again');
  });

  it('without a network the old token stays', async () => {
    const session = await signIn();
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    vi.useFakeTimers({ now: Date.now() + 3_590_000 });
    expect(await session.token()).toBe('token 1');
  });
});
