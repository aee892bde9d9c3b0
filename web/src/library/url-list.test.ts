import { describe, expect, test } from 'vitest';
import type { SubmittedUrl } from '../api/types';
import { MOST_URLS, complaintAbout, leftOver, replaced, summaryOf, urlsIn } from './url-list';

const item = (url: string, outcome: SubmittedUrl['outcome']): SubmittedUrl => ({
  url,
  outcome,
  video: outcome === 'refused' ? null : '01890a5d-ac96-774b-bcce-b302099a8057',
  sentence: outcome === 'accepted' ? null : 'A sentence.',
});

describe('what was typed', () => {
  test('is a list of addresses, each once', () => {
    const text = ' https://a.example/1\n\n<https://a.example/2> https://a.example/1\t"http://b.example:8080/?q=1"';
    expect(urlsIn(text)).toEqual(['https://a.example/1', 'https://a.example/2', 'http://b.example:8080/?q=1']);
    expect(urlsIn(' \n ')).toEqual([]);
  });

  test('gets a scheme where it has none, and keeps the one it has', () => {
    expect(urlsIn('a.example/film b.example:443/x')).toEqual(['https://a.example/film', 'https://b.example:443/x']);
    expect(urlsIn('file:///etc/passwd ftp://a.example')).toEqual(['file:///etc/passwd', 'ftp://a.example']);
  });

  test('is complained about when it is nothing or too much', () => {
    expect(complaintAbout([])).toMatch(/Paste/);
    expect(complaintAbout(['https://a.example'])).toBeNull();
    expect(complaintAbout(Array.from({ length: MOST_URLS + 1 }, (_, at) => `https://a.example/${at}`))).toMatch(/51/);
  });
});

describe('what became of it', () => {
  const items = [item('a', 'accepted'), item('b', 'duplicate'), item('c', 'refused'), item('d', 'accepted')];

  test('is said in one sentence', () => {
    expect(summaryOf(items)).toBe('2 accepted, 1 here already, 1 refused.');
    expect(summaryOf([item('a', 'accepted')])).toBe('1 accepted.');
  });

  test('leaves what was refused to be mended', () => {
    expect(leftOver(items)).toBe('c');
  });

  test('changes when an address is asked for again', () => {
    expect(replaced(items, item('b', 'accepted')).map((one) => one.outcome)).toEqual([
      'accepted',
      'accepted',
      'refused',
      'accepted',
    ]);
  });
});
