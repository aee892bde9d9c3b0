import { User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import type { SiteConfig } from '../config';

/** A token with less time left is renewed before it is used. */
const RENEW_BEFORE_SECONDS = 30;

/** Where the person was going when sign-in interrupted. */
interface ReturnTo {
  search: string;
  hash: string;
}

/** The page's address without query, as registered with the issuer; a folder's address is that of its index. */
export function redirectAddress(location: Pick<Location, 'origin' | 'pathname'>): string {
  const path = location.pathname.endsWith('/') ? `${location.pathname}index.html` : location.pathname;
  return location.origin + path;
}

function createManager({ auth }: SiteConfig): UserManager {
  const address = redirectAddress(window.location);
  const store = new WebStorageStateStore({ store: window.sessionStorage });
  // Cognito takes the client for the audience and knows no such parameter; other issuers need it.
  const audience = auth.audience && auth.audience !== auth.client_id ? { audience: auth.audience } : {};
  return new UserManager({
    authority: auth.authority,
    client_id: auth.client_id,
    redirect_uri: address,
    response_type: 'code',
    scope: auth.scope ?? 'openid profile',
    extraQueryParams: audience,
    userStore: store,
    stateStore: store,
    // Renewal is `token()`'s: it knows whether a refresh token makes it silent.
    automaticSilentRenew: false,
    monitorSession: false,
    loadUserInfo: false,
  });
}

/** The person signed in, and the token that says so. */
export class Session {
  private renewing: Promise<User> | undefined;

  private constructor(
    private readonly manager: UserManager,
    private user: User,
  ) {
    // Renewing ahead keeps the wait out of the next decision.
    manager.events.addAccessTokenExpiring(() => {
      if (this.user.refresh_token) void this.renew().catch(() => undefined);
    });
  }

  /** Signs in; leaves the page (and never resolves) where the issuer has to be asked. */
  static async start(config: SiteConfig): Promise<Session> {
    const manager = createManager(config);
    const user = (await finishSignIn(manager)) ?? (await manager.getUser());
    if (user && !user.expired) return new Session(manager, user);
    if (user?.refresh_token) {
      const renewed = await manager.signinSilent().catch(() => null);
      if (renewed) return new Session(manager, renewed);
    }
    return leaveForSignIn(manager);
  }

  /** Who it is, for anything kept in the browser under their name. */
  get subject(): string {
    return this.user.profile.sub;
  }

  /** A token good for at least the next request. */
  async token(): Promise<string> {
    if ((this.user.expires_in ?? Infinity) <= RENEW_BEFORE_SECONDS) await this.renew();
    return this.user.access_token;
  }

  private async renew(): Promise<void> {
    this.renewing ??= this.askAgain().finally(() => (this.renewing = undefined));
    this.user = await this.renewing;
  }

  private async askAgain(): Promise<User> {
    if (this.user.refresh_token) {
      try {
        const renewed = await this.manager.signinSilent();
        if (renewed) return renewed;
      } catch (error) {
        // Offline, the old token may still do; the request itself will tell.
        if (error instanceof TypeError) return this.user;
      }
    }
    // Leaving without a network would lose the page for nothing.
    if (!navigator.onLine) return this.user;
    return leaveForSignIn(this.manager);
  }
}

/** Takes the issuer's answer out of the page's address, where there is one. */
async function finishSignIn(manager: UserManager): Promise<User | undefined> {
  const query = new URLSearchParams(window.location.search);
  if (!query.has('state') || !(query.has('code') || query.has('error'))) return undefined;
  try {
    const user = await manager.signinRedirectCallback();
    const { search, hash } = user.state as ReturnTo;
    window.history.replaceState(null, '', window.location.pathname + search + hash);
    return user;
  } catch (error) {
    window.history.replaceState(null, '', window.location.pathname);
    throw new Error('Signing in did not work. Try again.', { cause: error });
  }
}

async function leaveForSignIn(manager: UserManager): Promise<never> {
  const state: ReturnTo = { search: window.location.search, hash: window.location.hash };
  try {
    await manager.signinRedirect({ state });
  } catch (error) {
    throw new Error('The sign-in service cannot be reached. Try again in a moment.', { cause: error });
  }
  return new Promise<never>(() => undefined);
}
