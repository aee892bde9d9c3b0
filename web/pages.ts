import type { Plugin } from 'vite';

/** Every page of the site, a file of its own. */
export const PAGES = ['index.html', 'grid.html', 'activity.html', 'review.html', 'search.html'];

// Hosts of media, API and sign-in differ by installation: any TLS host, and this machine for the local fabric.
const HOSTS = "'self' https: http://127.0.0.1:* http://localhost:*";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  `connect-src ${HOSTS}`,
  `img-src ${HOSTS}`,
  `media-src blob: ${HOSTS}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const HEAD = `<meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
    <link rel="icon" href="./icon.svg" type="image/svg+xml" />`;

const BODY = `<noscript>Heaters needs JavaScript to show your videos.</noscript>
    <div id="app"></div>`;

/** Fills in what is the same on every page, so that a page's file holds its title, description and script. */
export function pageShell(): Plugin {
  return {
    name: 'heaters-page-shell',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => html.replace('<!-- head -->', HEAD).replace('<!-- body -->', BODY),
    },
  };
}
