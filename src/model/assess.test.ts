import { describe, expect, it } from 'vitest';
import { flat, point, ramp, track } from '../../test/support/memory-tracks.js';
import { MIB } from '../../test/support/sample-events.js';
import { assessGrowth } from './assess.js';

const MINUTE_US = 60_000_000;

describe('leak or cache', () => {
  it('a service that reads large files fills the cache and leaks nothing, whatever kubelet counts', () => {
    const service = track('/svc', [
      point(0, { anonBytes: 420 * MIB, kernelBytes: 5 * MIB }),
      point(MINUTE_US, {
        ...{ anonBytes: 420 * MIB, fileBytes: 240 * MIB, inactiveFileBytes: 40 * MIB, kernelBytes: 5 * MIB },
        ...{ usageBytes: 665 * MIB, workingSetBytes: 625 * MIB },
      }),
    ]);
    expect(assessGrowth([service]).map(({ words }) => words)).toEqual([
      '/svc grew 240 MiB in 1 min 0 s. The growth is file cache (reclaimable), not anonymous memory: no leak, no OOM risk from ' +
        "it. It then held anon 420 MiB, file 240 MiB (active 200 MiB, inactive 40 MiB), shmem 0 B, kernel 5 MiB; kubelet's number " +
        '(working set) is 625 MiB.',
    ]);
  });

  it('anonymous memory that grows beside the cache is not talked away', () => {
    const service = track('/svc', [
      point(0, { anonBytes: 50 * MIB }),
      point(MINUTE_US, { anonBytes: 93 * MIB, fileBytes: 77 * MIB }),
    ]);
    expect(assessGrowth([service])[0]?.words).toContain(
      'grew 120 MiB in 1 min 0 s. The growth is mostly file cache (77 MiB), which is reclaimable and no leak; besides 43 MiB anon.',
    );
  });

  it('tmpfs stands in the same line of memory.stat, and is told apart', () => {
    const tmpfs = track('/svc', [point(0), point(MINUTE_US, { shmemBytes: 240 * MIB })]);
    expect(assessGrowth([tmpfs])[0]?.words).toContain('is not reclaimable without swap');
  });

  it('anonymous memory that grows is no cache', () => {
    expect(assessGrowth([ramp('/svc', 0, 240 * MIB, MINUTE_US, 60)])[0]?.words).toContain('which reclaim cannot drop');
  });

  it('of what stays as it is nothing is said, and a cgroup is not told again as the one above it', () => {
    expect(assessGrowth([flat('/svc', 900 * MIB, MINUTE_US, 60)])).toEqual([]);
    const nested = ['/pods', '/pods/a'].map((path) => ramp(path, 0, 240 * MIB, MINUTE_US, 60));
    expect(assessGrowth(nested).map(({ growth }) => growth.path)).toEqual(['/pods/a']);
  });
});
