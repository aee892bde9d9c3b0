import type { SiteConfig } from '../config';
import { Issuer, type SignIn, type Tokens, newSignIn } from './issuer';

const KEPT = 'heaters.session';
const UNDER_WAY = 'heaters.sign-in';

/** A token with less time left is renewed before it is used. */
const RENEW_BEFORE_MS = 30_000;
/** Renewing ahead, where it needs nobody, keeps the wait out of the next decision. */
const RENEW_AHEAD_MS = 60_000;

/** A sign-in that has begun, and where the person was going when it interrupted. */
interface UnderWay extends SignIn {
  readonly search: string;
  readonly hash: string;
}

/** The page's address without query, as registered with the issuer; a folder's address is that of its index. */
export function redirectAddress(location: Pick<Location, 'origin' | 'pathname'>): string {
  const path = location.pathname.endsWith('/') ? `${location.pathname}index.html` : location.pathname;
  return location.origin + path;
}

function kept(key: string): unknown {
  return JSON.parse(sessionStorage.getItem(key) ?? 'null');
}

function canRenew(tokens: Tokens): tokens is Tokens & { refresh: string } {
  return tokens.refresh !== null;
}

function timeLeft({ expiresAt }: Tokens): number {
  return expiresAt === null ? Infinity : expiresAt - Date.now();
}

/** The person signed in, and the token that says so. */
export class Session {
  private renewing: Promise<Tokens> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private tokens!: Tokens;

  private constructor(
    private readonly issuer: Issuer,
    tokens: Tokens,
  ) {
    this.take(tokens);
  }

  /** Signs in; leaves the page (and never resolves) where the issuer has to be asked. */
  static async start(config: SiteConfig): Promise<Session> {
    const issuer = new Issuer(config.auth, redirectAddress(location));
    const tokens = (await finishSignIn(issuer)) ?? (kept(KEPT) as Tokens | null);
    if (tokens && timeLeft(tokens) > 0) return new Session(issuer, tokens);
    if (tokens && canRenew(tokens)) {
      const renewed = await issuer.renew(tokens).catch(() => null);
      if (renewed) return new Session(issuer, renewed);
    }
    return leaveForSignIn(issuer);
  }

  /** Who it is, for anything kept in the browser under their name. */
  get subject(): string {
    return this.tokens.subject;
  }

  /** A token good for at least the next request. */
  async token(): Promise<string> {
    if (timeLeft(this.tokens) <= RENEW_BEFORE_MS) await this.renew();
    return this.tokens.access;
  }

  private take(tokens: Tokens): void {
    this.tokens = tokens;
    sessionStorage.setItem(KEPT, JSON.stringify(tokens));
    clearTimeout(this.timer);
    const left = timeLeft(tokens);
    if (!canRenew(tokens) || left === Infinity) return;
    const ahead = Math.min(RENEW_AHEAD_MS, left / 2);
    this.timer = setTimeout(() => void this.renew().catch(() => undefined), left - ahead);
  }

  private async renew(): Promise<void> {
    this.renewing ??= this.askAgain().finally(() => (this.renewing = undefined));
    const renewed = await this.renewing;
    if (renewed !== this.tokens) this.take(renewed);
  }

  private async askAgain(): Promise<Tokens> {
    if (canRenew(this.tokens)) {
      try {
        return await this.issuer.renew(this.tokens);
      } catch (error) {
        // Offline, the old token may still do; the request itself will tell.
        if (error instanceof TypeError) return this.tokens;
      }
    }
    // Leaving without a network would lose the page for nothing.
    if (!navigator.onLine) return this.tokens;
    return leaveForSignIn(this.issuer);
  }
}

/** Takes the issuer's answer out of the page's address, where there is one. */
async function finishSignIn(issuer: Issuer): Promise<Tokens | undefined> {
  const answer = new URLSearchParams(location.search);
  if (!answer.has('state') || !(answer.has('code') || answer.has('error'))) return undefined;
  const underWay = kept(UNDER_WAY) as UnderWay | null;
  sessionStorage.removeItem(UNDER_WAY);
  try {
    if (!underWay) throw new Error('No sign-in was under way.');
    const tokens = await issuer.exchange(answer, underWay);
    history.replaceState(null, '', location.pathname + underWay.search + underWay.hash);
    return tokens;
  } catch (error) {
    history.replaceState(null, '', location.pathname);
    throw new Error('Signing in did not work. Try again.', { cause: error });
  }
}

async function leaveForSignIn(issuer: Issuer): Promise<never> {
  const underWay: UnderWay = { ...newSignIn(), search: location.search, hash: location.hash };
  try {
    const address = await issuer.signInAddress(underWay);
    sessionStorage.setItem(UNDER_WAY, JSON.stringify(underWay));
    location.assign(address);
  } catch (error) {
    throw new Error('The sign-in service cannot be reached. Try again in a moment.', { cause: error });
  }
  return new Promise<never>(() => undefined);
}
