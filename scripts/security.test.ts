import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const fileUrl = (path: string) => new URL(`../${path}`, import.meta.url);
const document = readFileSync(fileUrl('docs/security.md'), 'utf8');
const section = document.split('## What holds these claims')[1] ?? '';
const claims = [...section.matchAll(/^\| (.+) \| `([^`]+\.test\.ts)` \| (.+) \|$/gm)].map(
  ([, claim = '', file = '', title = '']) => ({ claim, file, title }),
);

describe('docs/security.md', () => {
  it('claims a lot, and every row of the table names a file', () => {
    expect(claims.length).toBeGreaterThan(25);
    expect(claims).toHaveLength(section.split('\n').filter((line) => line.startsWith('| ')).length - 2);
  });

  it.each(claims)('$claim: there is a test "$title"', ({ file, title }) => {
    expect(existsSync(fileUrl(file))).toBe(true);
    const text = readFileSync(fileUrl(file), 'utf8');
    expect(["'", '"', '`'].some((quote) => text.includes(`${quote}${title}${quote}`))).toBe(true);
  });
});
