import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MISSING_CODES } from '../src/sources/kernel/missing.js';

const requirements = readFileSync(new URL('../docs/requirements.md', import.meta.url), 'utf8');

describe('docs/requirements.md', () => {
  it('explains each code of what a host may lack, in the order of their weight, and no other', () => {
    const listed = [...requirements.matchAll(/^\| `([A-Z_0-9]+)` \|/gm)].map((match) => match[1]);
    expect(listed).toEqual([...MISSING_CODES]);
  });
});
