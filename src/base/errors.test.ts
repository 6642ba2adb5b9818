import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, EXIT, OomscopeError } from './errors.js';

describe('errors', () => {
  it('docs/errors.md explains every code, once, and no other', () => {
    const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    const explained = [...text.matchAll(/^\| `(E_\w+)` \|/gm)].map((match) => match[1]);
    expect(explained.toSorted()).toEqual([...ERROR_CODES].toSorted());
  });

  it('an error is one line: its code, what happened, what to do', () => {
    const error = new OomscopeError('E_PORT_TAKEN', 'Port 7070 is in use.', 'Take another with --port.');
    expect(error.toLine()).toBe('oomscope: E_PORT_TAKEN: Port 7070 is in use. Take another with --port.');
    expect(error.exitCode).toBe(EXIT.failed);
  });
});
