// What of the library is shown, as the address says it. Pure.

export interface Place {
  /** Videos, or those that were deleted and can be restored. */
  readonly view: 'videos' | 'deleted';
  /** A part of the title. */
  readonly text: string;
}

export function parsePlace(search: string): Place {
  const query = new URLSearchParams(search);
  return { view: query.get('view') === 'deleted' ? 'deleted' : 'videos', text: query.get('text')?.trim() ?? '' };
}

export function formatPlace({ view, text }: Place): string {
  const query = new URLSearchParams();
  if (view === 'deleted') query.set('view', view);
  if (text !== '') query.set('text', text);
  return query.size === 0 ? '' : `?${query.toString()}`;
}
