import { LitElement } from 'lit';

/**
 * A component without a shadow tree: its stylesheet lies beside it and reaches it by class, labels and headings
 * work across components.
 */
export class PageElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
