import type { Timeline } from '../api/types';

/** The storyboard's sheets, loaded when they are first looked for. */
export class Sheets {
  private urls: readonly string[] = [];
  private images: (HTMLImageElement | undefined)[] = [];

  constructor(private readonly loaded: () => void) {}

  use(urls: readonly string[]): void {
    if (urls.length === this.urls.length && urls.every((url, at) => url === this.urls[at])) return;
    // A new signature for the same sheet is no reason to load it again.
    const same = (at: number) => urls[at]?.split('?')[0] === this.urls[at]?.split('?')[0];
    this.images = urls.map((_url, at) => (same(at) ? this.images[at] : undefined));
    this.urls = urls;
  }

  get(index: number): HTMLImageElement | undefined {
    const url = this.urls[index];
    if (url === undefined) return undefined;
    const known = this.images[index];
    if (known) return known.complete && known.naturalWidth > 0 ? known : undefined;
    const image = new Image();
    image.addEventListener('load', this.loaded);
    image.src = url;
    this.images[index] = image;
    return undefined;
  }
}

/** The waveform's peaks; null where there are none to be had: the timeline does without. */
export async function loadPeaks({ waveform }: Timeline): Promise<Uint8Array | null> {
  if (!waveform) return null;
  try {
    const response = await fetch(waveform.url);
    if (!response.ok) return null;
    return new Uint8Array(await response.arrayBuffer(), waveform.offset);
  } catch {
    return null;
  }
}
