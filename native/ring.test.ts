import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ringTestPath } from './test-support.js';

const cases = execFileSync(ringTestPath, { encoding: 'utf8' }).trim().split('\n');

describe('the ring protocol', () => {
  it.each(cases)('%s', (name) => {
    const { status, stdout } = spawnSync(ringTestPath, [name], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
