import { defineConfig } from 'vitest/config';
import { PAGES, pageShell } from './pages.ts';
import { sizeLimit } from './size-limit.ts';
import { templateWhitespace } from './template-whitespace.ts';

// Every address relative: the site works under any prefix of any bucket.
export default defineConfig({
  base: './',
  plugins: [pageShell(), templateWhitespace(), sizeLimit(100 * 1024)],
  build: {
    target: 'es2023',
    // Inlined assets would be data: addresses, which the content security policy doesn't allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: PAGES },
  },
  test: { include: ['src/**/*.test.ts'] },
});
