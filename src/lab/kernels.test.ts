import { describe, expect, it } from 'vitest';
import { parseDependencies } from './kernel-package.js';
import { compareByNumbers, isPackageOf } from './kernels.js';

describe('kernel packages', () => {
  it('only the generic kernel of a line counts', () => {
    expect(isPackageOf('6.1', 'linux-image-6.1.0-56-amd64')).toBe(true);
    expect(isPackageOf('6.12', 'linux-image-6.12.117+deb12-amd64')).toBe(true);
    expect(isPackageOf('6.12', 'linux-image-6.12.9-amd64')).toBe(true);
    for (const other of [
      'linux-image-6.12.117+deb12-amd64',
      'linux-image-6.1.0-56-cloud-amd64',
      'linux-image-6.1.0-56-rt-amd64',
      'linux-image-6.1.0-56-amd64-dbg',
      'linux-image-6.1.0-56-amd64-unsigned',
      'linux-image-6.10.1-amd64',
    ]) {
      expect(isPackageOf('6.1', other)).toBe(false);
    }
  });

  it('the newest is the one with the greatest numbers, not the last by letters', () => {
    const names = ['linux-image-6.1.0-9-amd64', 'linux-image-6.1.0-56-amd64', 'linux-image-6.1.0-13-amd64'];
    expect(names.sort(compareByNumbers).at(-1)).toBe('linux-image-6.1.0-56-amd64');
  });

  it('what a package depends on is read from apt-cache', () => {
    const text = 'linux-image-amd64\n  Depends: linux-image-6.1.0-56-amd64\n |Depends: a\n  Depends: <virtual>\n';
    expect(parseDependencies(text)).toEqual(['linux-image-6.1.0-56-amd64', 'a']);
  });
});
