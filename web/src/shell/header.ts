import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { count, counted } from '../shared/format';
import { PageElement } from '../shared/element';
import type { App } from './app';
import './header.css';

const PAGES = [
  { name: 'library', title: 'Library', href: './index.html' },
  { name: 'review', title: 'Review', href: './review.html' },
  { name: 'search', title: 'Search', href: './search.html' },
] as const;

export type PageName = (typeof PAGES)[number]['name'];

/** The name, the way around with the number of clips waiting, and who is signed in. */
@customElement('app-header')
export class AppHeader extends PageElement {
  @property({ attribute: false }) page: PageName = 'library';
  @property({ attribute: false }) app: App | undefined;

  protected override updated(changed: Map<string, unknown>): void {
    if (!changed.has('app') || !this.app) return;
    this.app.pending.onChange(() => this.requestUpdate());
  }

  protected override render() {
    return html`
      <header class="app-header">
        <a class="app-name" href="./index.html" aria-label="Heaters">
          <img src="./icon.svg" alt="" width="28" height="28" />
          <span>Heaters</span>
        </a>
        <nav aria-label="Main">
          <ul>
            ${PAGES.map(
              (page) => html`
                <li>
                  <a href=${page.href} aria-current=${page.name === this.page ? 'page' : nothing}>
                    ${page.title} ${page.name === 'review' ? this.badge() : nothing}
                  </a>
                </li>
              `,
            )}
          </ul>
        </nav>
        ${this.unsaved()}
        <span class="app-person soft small">${this.app?.me.name}</span>
      </header>
    `;
  }

  private badge() {
    const left = this.app?.pending.left;
    if (!left) return nothing;
    const shown = left > 999 ? '999+' : count(left);
    return html`<span class="badge figures" title=${`${counted(left, 'clip')} to review`}
      >${shown}<span class="visually-hidden"> to review</span></span
    >`;
  }

  /** The review page says this itself, and more. */
  private unsaved() {
    const unsaved = this.app?.outbox.entries.length ?? 0;
    if (unsaved === 0 || this.page === 'review') return nothing;
    return html`<span class="tag tag-wait">${counted(unsaved, 'decision')} not saved yet</span>`;
  }
}
