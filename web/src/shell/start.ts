import { type TemplateResult, html, render } from 'lit';
import { bodyOf, createApi } from '../api/client';
import { sentenceOf } from '../api/problem';
import { Session } from '../auth/session';
import { loadConfig } from '../config';
import { clipsOf } from '../outbox/outbox';
import { OutboxSender, sendWith } from '../outbox/sender';
import '../styles/tokens.css';
import '../styles/base.css';
import type { App } from './app';
import './header';
import type { PageName } from './header';
import { HeldPage } from './held-page';
import { PendingCount } from './pending';

async function signIn(): Promise<App> {
  const config = await loadConfig();
  const session = await Session.start(config);
  const api = createApi(config.api_url, () => session.token());
  const page: HeldPage = new HeldPage(api, () => outbox.entries.flatMap(clipsOf));
  const outbox = new OutboxSender(session.subject, () => page.id, sendWith(api));
  const [me] = await Promise.all([bodyOf(api.GET('/v1/me')), page.open()]);
  return { api, me, page, outbox, pending: new PendingCount(api, outbox) };
}

function frame(page: PageName, app: App | undefined, content: TemplateResult): TemplateResult {
  return html`
    <a class="skip-link" href="#main">Skip to the content</a>
    <app-header .page=${page} .app=${app}></app-header>
    <main id="main" tabindex="-1">${content}</main>
  `;
}

const SIGNING_IN = html`<div class="empty waiting" role="status"><h1>Signing in…</h1></div>`;

function failed(error: unknown): TemplateResult {
  return html`
    <div class="empty" role="alert">
      <h1>Heaters could not start</h1>
      <p>${sentenceOf(error)}</p>
      <button class="button button-primary" type="button" @click=${() => location.reload()}>Try again</button>
    </div>
  `;
}

/** Signs in and shows the page. */
export async function start(page: PageName, content: (app: App) => TemplateResult): Promise<void> {
  const root = document.getElementById('app');
  if (!root) throw new Error('The page has no #app.');
  render(frame(page, undefined, SIGNING_IN), root);
  try {
    const app = await signIn();
    render(frame(page, app, content(app)), root);
  } catch (error) {
    render(frame(page, undefined, failed(error)), root);
  }
}
