import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const script = readFileSync(fileURLToPath(new URL('layout-in-page.js', import.meta.url)), 'utf8');

/** What is too wide, cut or covers something else, one line each; nothing = all is well. */
export function layoutProblems(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(script);
}
