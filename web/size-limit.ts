import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Fails the build when everything a browser may load of the site, gzipped, is larger than it may be. */
export function sizeLimit(bytes: number): Plugin {
  return {
    name: 'heaters-size-limit',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const total = Object.values(bundle)
          .map((file) => gzipSync(file.type === 'chunk' ? file.code : file.source).length)
          .reduce((sum, size) => sum + size, 0);
        const found = `The site has ${(total / 1024).toFixed(1)} KiB gzipped of ${bytes / 1024} KiB.`;
        if (total > bytes) this.error(`${found} It has to shrink.`);
        this.info(found);
      },
    },
  };
}
