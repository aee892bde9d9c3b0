import { type TemplateResult, html } from 'lit';

/** A picture on a sheet of pictures. Pixels of the sheet. */
export interface Tile {
  readonly url: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The tile alone. An SVG, since the content security policy forbids styles in markup, and the sheet is loaded once
 * for all its tiles; the inner one cuts the neighbours off.
 */
export function tilePicture({ url, x, y, width, height }: Tile, fit: 'meet' | 'slice' = 'meet'): TemplateResult {
  return html`<svg class="tile" viewBox="0 0 ${width} ${height}" preserveAspectRatio="xMidYMid ${fit}" aria-hidden="true">
    <svg width=${width} height=${height} viewBox="${x} ${y} ${width} ${height}"><image href=${url} /></svg>
  </svg>`;
}
