import { describe, expect, it } from 'vitest';
import { MIB } from '../../test/support/sample-events.js';
import { evictionDistance } from './eviction.js';
import { makeLedger } from './ledger.js';
import { evictionInWords, outsideInWords } from './node-words.js';

const GIB = 2 ** 30;

function ledgerWith(path: string, usageBytes: number, maxBytes: number | 'max') {
  const cgroup = (of: string, level: number, bytes: number, limit: number | 'max') => ({
    ...{ id: level, path: of, level, pathTruncated: false, oomGroup: false, usageBytes: bytes, maxBytes: limit },
    ...{ highBytes: 'max' as const, swapBytes: 0, swapMaxBytes: null, swapIsMemsw: false },
    ...{ anonBytes: bytes, fileBytes: 0, kernelBytes: 0, inactiveFileBytes: 0 },
  });
  const bytes = { totalBytes: 30 * GIB, freeBytes: GIB, anonBytes: 0, fileBytes: 0, kernelBytes: 0, hugetlbBytes: 0 };
  const cgroups = [cgroup('/', 0, 20 * GIB, 'max'), cgroup('/system.slice', 1, usageBytes, 'max')];
  return makeLedger({
    node: bytes,
    cgroups: [...cgroups, cgroup(path, 2, usageBytes, maxBytes)],
    tasks: [],
    kubePods: null,
  });
}

describe('the node in words', () => {
  it('names the largest user outside of pods, and what one does about it', () => {
    expect(outsideInWords(ledgerWith('/system.slice/legacy-agent.service', 14 * GIB, 'max'))).toBe(
      '14 GiB of this node is used outside of pods by /system.slice/legacy-agent.service: limit it, or set ' +
        '--system-reserved and --kube-reserved.',
    );
    expect(outsideInWords(ledgerWith('/system.slice/a.service', 14 * GIB, 15 * GIB))).toContain('lower its limit');
    expect(outsideInWords(ledgerWith('/system.slice/small.service', GIB, 'max'))).toBeNull();
  });

  it('tells how far the eviction line is, and when it is reached', () => {
    const line = { bytes: 100 * MIB, from: 'config' } as const;
    const said = (availableBytes: number, fall: number | null) =>
      evictionInWords('hard', evictionDistance(line, availableBytes, fall), fall);
    expect(said(161 * MIB, 4 * MIB)).toBe(
      'memory.available is 61 MiB above the hard eviction line and falls 4 MiB/s: eviction in ~15 s.',
    );
    expect(said(161 * MIB, 0)).toBe('memory.available is 61 MiB above the hard eviction line.');
    expect(said(161 * MIB, -4 * MIB)).toBe(
      'memory.available is 61 MiB above the hard eviction line and grows 4 MiB/s.',
    );
    expect(said(90 * MIB, null)).toBe('memory.available is 10 MiB BELOW the hard eviction line.');
  });
});
