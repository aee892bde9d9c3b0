import { defineConfig } from 'vitest/config';

// Three pages, every address relative: the site works under any prefix of any bucket.
export default defineConfig({
  base: './',
  build: {
    target: 'es2023',
    // Inlined assets would be data: addresses, which the content security policy doesn't allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'review.html', 'search.html'],
    },
  },
  test: { include: ['src/**/*.test.ts'] },
});
