import * as oauth from 'oauth4webapi';
import type { SiteConfig } from '../config';

/** What the issuer gave. */
export interface Tokens {
  readonly access: string;
  /** null where the issuer renews nothing without asking the person. */
  readonly refresh: string | null;
  /** Who it is. */
  readonly subject: string;
  /** In milliseconds since 1970; null where the issuer does not say. */
  readonly expiresAt: number | null;
}

/** What has to be known again when the person comes back from the issuer. */
export interface SignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The issuer, by the code flow with PKCE. */
export class Issuer {
  private readonly client: oauth.Client;
  private readonly options: oauth.TokenEndpointRequestOptions & oauth.DiscoveryRequestOptions;
  private known: Promise<oauth.AuthorizationServer> | undefined;

  constructor(
    private readonly auth: SiteConfig['auth'],
    /** Where the issuer sends the person back to. */
    private readonly address: string,
  ) {
    this.client = { client_id: auth.client_id };
    const { protocol, hostname } = new URL(auth.authority);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- only the fabric on this machine is talked to without TLS
    this.options = { [oauth.allowInsecureRequests]: protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(hostname) };
  }

  /** Where the person signs in. */
  async signInAddress({ state, nonce, verifier }: SignIn): Promise<string> {
    const { authorization_endpoint: endpoint } = await this.server();
    if (endpoint === undefined) throw new Error('The issuer offers no sign-in.');
    const { auth } = this;
    const address = new URL(endpoint);
    const asked = {
      response_type: 'code',
      client_id: auth.client_id,
      redirect_uri: this.address,
      scope: auth.scope ?? 'openid profile',
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      // Cognito takes the client for the audience and knows no such parameter; other issuers need it.
      ...(auth.audience && auth.audience !== auth.client_id ? { audience: auth.audience } : {}),
    };
    for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
    return address.href;
  }

  /** Exchanges what came back in the page's address. */
  async exchange(answer: URLSearchParams, { state, nonce, verifier }: SignIn): Promise<Tokens> {
    const { client, options } = this;
    const server = await this.server();
    const valid = oauth.validateAuthResponse(server, client, answer, state);
    const given = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), valid, this.address, verifier, options);
    const checks = { expectedNonce: nonce, requireIdToken: true };
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, given, checks);
    return tokensOf(tokens, { refresh: null, subject: '' });
  }

  /** Other tokens for the same person, without asking. */
  async renew(before: Tokens & { readonly refresh: string }): Promise<Tokens> {
    const { client, options } = this;
    const server = await this.server();
    const given = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), before.refresh, options);
    // An issuer may go on with the same refresh token, and give no other id token.
    return tokensOf(await oauth.processRefreshTokenResponse(server, client, given), before);
  }

  private server(): Promise<oauth.AuthorizationServer> {
    this.known ??= this.discover();
    this.known.catch(() => (this.known = undefined));
    return this.known;
  }

  private async discover(): Promise<oauth.AuthorizationServer> {
    const authority = new URL(this.auth.authority);
    return oauth.processDiscoveryResponse(authority, await oauth.discoveryRequest(authority, this.options));
  }
}

/** What ties the answer to this browser, new for each sign-in. */
export function newSignIn(): SignIn {
  return { state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce(), verifier: oauth.generateRandomCodeVerifier() };
}

function tokensOf(given: oauth.TokenEndpointResponse, before: Pick<Tokens, 'refresh' | 'subject'>): Tokens {
  const lasts = given.expires_in;
  return {
    access: given.access_token,
    refresh: given.refresh_token ?? before.refresh,
    subject: oauth.getValidatedIdTokenClaims(given)?.sub ?? before.subject,
    expiresAt: lasts === undefined ? null : Date.now() + lasts * 1000,
  };
}
