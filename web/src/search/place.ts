// What the search page shows, as its address says it. Pure.

export const STRATEGIES = [
  { value: 'multi', title: 'Whole clip' },
  { value: 'midpoint', title: 'Middle still' },
] as const;

export const ORDERS = [
  { value: 'most', title: 'Most similar' },
  { value: 'least', title: 'Least similar' },
] as const;

export type Strategy = (typeof STRATEGIES)[number]['value'];
export type Order = (typeof ORDERS)[number]['value'];

export interface Place {
  /** null: any clip will do. */
  readonly clip: string | null;
  readonly strategy: Strategy;
  readonly order: Order;
}

/** Anything unknown in the address is taken for the default. */
export function parsePlace(search: string): Place {
  const query = new URLSearchParams(search);
  return {
    clip: query.get('clip'),
    strategy: STRATEGIES.find(({ value }) => value === query.get('strategy'))?.value ?? 'multi',
    order: ORDERS.find(({ value }) => value === query.get('order'))?.value ?? 'most',
  };
}

/** The address's query for a place; defaults are left out. */
export function formatPlace({ clip, strategy, order }: Place): string {
  const query = new URLSearchParams();
  if (clip !== null) query.set('clip', clip);
  if (strategy !== 'multi') query.set('strategy', strategy);
  if (order !== 'most') query.set('order', order);
  return query.size > 0 ? `?${query.toString()}` : '';
}
