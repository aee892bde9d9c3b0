/** The pure part of the form for web addresses: what was typed, and what is said about it. */

import type { SubmittedUrl } from '../api/types';

/** What the API takes in one request. */
export const MOST_URLS = 50;

/** The addresses in a text, one a line or with spaces between; each once, in the order of their first mention. */
export function urlsIn(text: string): string[] {
  const words = text.split(/[\s<>"]+/).filter((word) => word !== '');
  return [...new Set(words.map(withScheme))];
}

/** People copy addresses without their scheme; what follows a scheme is for the API to judge. */
function withScheme(word: string): string {
  const hasScheme = /^[a-z][a-z0-9+.-]*:/i.test(word) && !/^[^/:]+:\d/.test(word);
  return hasScheme ? word : `https://${word}`;
}

/** Why a text can't be submitted as it is; `null` where it can. */
export function complaintAbout(urls: readonly string[]): string | null {
  if (urls.length === 0) return 'Paste the address of a video first.';
  if (urls.length > MOST_URLS) return `Submit ${MOST_URLS} addresses at most at once; these are ${urls.length}.`;
  return null;
}

/** One sentence about what became of all of them. */
export function summaryOf(items: readonly SubmittedUrl[]): string {
  const count = (outcome: SubmittedUrl['outcome']): number => items.filter((item) => item.outcome === outcome).length;
  const [accepted, duplicate, refused] = [count('accepted'), count('duplicate'), count('refused')];
  const parts = [
    accepted > 0 ? `${accepted} accepted` : '',
    duplicate > 0 ? `${duplicate} here already` : '',
    refused > 0 ? `${refused} refused` : '',
  ].filter((part) => part !== '');
  return `${parts.join(', ')}.`;
}

/** What stays in the field to be mended: what was refused. */
export function leftOver(items: readonly SubmittedUrl[]): string {
  return items
    .filter((item) => item.outcome === 'refused')
    .map((item) => item.url)
    .join('\n');
}

/** The list with what one address became when it was asked for again. */
export function replaced(items: readonly SubmittedUrl[], by: SubmittedUrl): SubmittedUrl[] {
  return items.map((item) => (item.url === by.url ? by : item));
}
