import { html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Api, bodyOf } from '../api/client';
import type { Clip } from '../api/types';
import { PageElement } from '../shared/element';
import { LONGEST_NOTE, LONGEST_TAG, MOST_TAGS, tagsOf } from './plans';
import './review-dialog.css';

/** The clip's new tags, or its new note. */
export type TagsWritten = CustomEvent<readonly string[]>;
export type NoteWritten = CustomEvent<string>;

/** Writes a clip's tags or its note. */
@customElement('text-dialog')
export class TextDialog extends PageElement {
  @property({ attribute: false }) api!: Api;
  @state() private kind: 'tags' | 'note' = 'tags';
  @state() private known: readonly string[] = [];
  /** The tags as the field has them. */
  @state() private written: readonly string[] = [];

  private get dialog(): HTMLDialogElement | null {
    return this.querySelector('dialog');
  }

  async show(kind: 'tags' | 'note', clip: Clip): Promise<void> {
    this.kind = kind;
    this.written = clip.tags;
    await this.updateComplete;
    const field = this.querySelector<HTMLInputElement | HTMLTextAreaElement>('[name="text"]');
    if (field) field.value = kind === 'tags' ? clip.tags.join(', ') : (clip.note ?? '');
    this.dialog?.showModal();
    field?.focus();
    if (kind === 'tags') this.known = await this.tags();
  }

  private async tags(): Promise<readonly string[]> {
    const tags = await bodyOf(this.api.GET('/v1/tags')).catch(() => []);
    return tags.map(({ tag }) => tag);
  }

  private onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    const field = this.querySelector<HTMLInputElement | HTMLTextAreaElement>('[name="text"]');
    const text = field?.value ?? '';
    this.dialog?.close();
    if (this.kind === 'tags') this.dispatchEvent(new CustomEvent('tags-written', { detail: tagsOf(text) }));
    else this.dispatchEvent(new CustomEvent('note-written', { detail: text }));
  }

  /** Enter saves a note as it does tags; with Shift it begins a new line. */
  private onKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.querySelector('form')?.requestSubmit();
  }

  private onInput(event: Event): void {
    this.written = tagsOf((event.target as HTMLInputElement).value);
  }

  /** Puts a tag in, or takes it out again. */
  private toggle(tag: string): void {
    const field = this.querySelector<HTMLInputElement>('[name="text"]');
    if (!field) return;
    const others = this.written.filter((other) => other !== tag);
    this.written = others.length < this.written.length ? others : tagsOf(`${field.value},${tag}`);
    field.value = this.written.join(', ');
    field.focus();
  }

  protected override render() {
    return html`
      <dialog class="review-dialog" aria-labelledby="text-title">
        <form @submit=${this.onSubmit}>
          <h2 id="text-title">${this.kind === 'tags' ? 'Tags' : 'Note'}</h2>
          ${this.kind === 'tags' ? this.tagField() : this.noteField()}
          <div class="review-dialog-foot">
            <button class="button" type="button" @click=${() => this.dialog?.close()}>Cancel</button>
            <button class="button button-primary">Save</button>
          </div>
        </form>
      </dialog>
    `;
  }

  private tagField() {
    return html`
      <label>
        Separated by commas; at most ${MOST_TAGS}, each of ${LONGEST_TAG} characters
        <input class="input" name="text" autocomplete="off" autocapitalize="off" @input=${this.onInput} />
      </label>
      ${this.known.length === 0
        ? ''
        : html`<ul class="review-dialog-tags" aria-label="Tags in use">
            ${this.known.slice(0, MOST_TAGS).map(
              (tag) => html`<li>
                <button
                  class="button button-small"
                  type="button"
                  aria-pressed=${this.written.includes(tag)}
                  @click=${() => this.toggle(tag)}
                >
                  ${tag}
                </button>
              </li>`,
            )}
          </ul>`}
    `;
  }

  private noteField() {
    return html`
      <label>
        For everybody who looks at this clip. Enter saves, Shift and Enter begins a new line.
        <textarea class="input" name="text" rows="4" maxlength=${LONGEST_NOTE} @keydown=${this.onKey}></textarea>
      </label>
    `;
  }
}
