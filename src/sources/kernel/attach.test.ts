import { describe, expect, it } from 'vitest';
import { DEBIAN_ROOT } from '../../../test/support/host-facts.js';
import { loadAndAttach } from './attach.js';
import type { LoadOptions, NativeAddon, NativeError, NativeProgramSet } from './native.js';
import { planAttach } from './support.js';

const options = { generation: 1n, ringBytes: {}, gatePath: null };

function nativeError(program: string): NativeError {
  const log = `libbpf: prog '${program}': BPF program load failed: Invalid argument\n`;
  return Object.assign(new Error('loading the BPF programs: Invalid argument'), { code: 'EINVAL', log });
}

/** A kernel that refuses some programs, and counts what is loaded. */
function kernel(refuses: { load?: readonly string[]; attach?: readonly string[] }) {
  const loaded: LoadOptions[] = [];
  let open = 0;
  const set = (programs: readonly string[]): NativeProgramSet => ({
    attach: () =>
      programs.map((program) => ({ program, error: refuses.attach?.includes(program) ? nativeError(program) : null })),
    close: () => {
      open--;
    },
    pin: () => {},
    detach: () => {},
    setGate: () => {},
    gate: () => 0n,
    heartbeat: () => ({ beatUs: 0, timeoutUs: 0 }),
    programs: () => [...programs],
    runTimes: () => [],
  });
  const addon: Pick<NativeAddon, 'ProgramSet'> = {
    ProgramSet: {
      load(request) {
        loaded.push(request);
        const refused = request.programs.find((program) => refuses.load?.includes(program));
        if (refused !== undefined) throw nativeError(refused);
        open++;
        return set(request.programs);
      },
      adopt: () => set([]),
    },
  };
  return { addon, loaded, stillOpen: () => open };
}

function fentryAttempt() {
  const [attempt] = planAttach(DEBIAN_ROOT, 'fentry').attempts;
  if (attempt === undefined) throw new Error('this host has fentry');
  return attempt;
}

describe('attaching', () => {
  it('attaches everything that the kernel takes', () => {
    const { addon, loaded } = kernel({});
    const result = loadAndAttach(addon, fentryAttempt(), options);
    expect(result).toHaveProperty('set');
    expect(result.outcomes.every((outcome) => outcome.state === 'attached')).toBe(true);
    expect(loaded[0]?.constants).toEqual({ generation: 1n });
  });

  it('goes on without a program that only adds to the record', () => {
    const { addon, loaded } = kernel({ load: ['fentry___oom_kill_process'], attach: ['tp_btf_wake_reaper'] });
    const result = loadAndAttach(addon, fentryAttempt(), options);
    expect(result).toHaveProperty('set');
    expect(result.outcomes.filter((outcome) => outcome.state !== 'attached')).toEqual([
      { name: 'fentry___oom_kill_process', state: 'failed', reason: expect.stringContaining('EINVAL') },
      { name: 'tp_btf_wake_reaper', state: 'failed', reason: expect.stringContaining('EINVAL') },
    ]);
    expect(loaded.map((request) => request.programs.length)).toEqual([31, 30]);
  });

  it('gives a way up when an essential program is refused, and leaves nothing loaded', () => {
    for (const refuses of [{ load: ['fexit_oom_badness'] }, { attach: ['fexit_oom_badness'] }]) {
      const { addon, stillOpen } = kernel(refuses);
      const result = loadAndAttach(addon, fentryAttempt(), options);
      expect(result).toMatchObject({ way: 'fentry', reason: expect.stringMatching(/^fexit_oom_badness: EINVAL/) });
      expect(stillOpen()).toBe(0);
      expect(result.outcomes.some((outcome) => outcome.state === 'attached')).toBe(false);
    }
  });

  it('does not hide what is no refusal', () => {
    const addon = kernel({}).addon;
    addon.ProgramSet.load = () => {
      throw new TypeError('a mistake of ours');
    };
    expect(() => loadAndAttach(addon, fentryAttempt(), options)).toThrow('a mistake of ours');
  });
});
