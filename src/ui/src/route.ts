// The view lives in the URL hash, so that a finding can be linked: #path/FROM/TO/SERVICE.

export const pages = ['overview', 'map', 'matrix', 'path', 'diff', 'invariants', 'rules', 'gaps'] as const;
export type Page = (typeof pages)[number];

export interface Route {
  page: Page;
  parts: string[];
}

export function parseHash(hash: string): Route {
  const segments = hash.replace(/^#/, '').split('/').map(decode);
  const page = pages.find((p) => p === segments[0]) ?? 'overview';
  return { page, parts: page === segments[0] ? segments.slice(1) : [] };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a hand-written link with a stray percent sign
  }
}

export function toHash(page: Page, ...parts: string[]): string {
  return '#' + [page, ...parts].map(encodeURIComponent).join('/');
}
