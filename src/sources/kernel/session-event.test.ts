import { describe, expect, it } from 'vitest';
import { DEBIAN_ROOT } from '../../../test/support/host-facts.js';
import type { ProgramOutcome } from '../../events/session.js';
import { type SessionParts, sessionEvent } from './session-event.js';

const attached = (name: string): ProgramOutcome => ({ name, state: 'attached', reason: null });
const pinned = { path: '/p', generation: 1n, layoutVersion: 1, stamp: 'a', programs: [] };

function session(parts: Partial<Omit<SessionParts, 'chosen'>> & { chosen?: Partial<SessionParts['chosen']> } = {}) {
  return sessionEvent({
    clocks: { bootUs: 100, epochUs: 5_000 },
    facts: DEBIAN_ROOT,
    ruledOut: [],
    gap: null,
    sampling: { how: 'iterator', calmUs: 1_000_000, hotUs: 10_000 },
    eviction: null,
    ...parts,
    chosen: { way: 'fentry', outcomes: [attached('a')], failures: [], adopted: false, pinned, ...parts.chosen },
  });
}

describe('the session', () => {
  it('stands at now, in both clocks', () => {
    expect(session()).toMatchObject({ tUs: 100, anchorBootUs: 100, anchorEpochUs: 5_000, adopted: null, missing: [] });
  });

  it('stands at the beginning of a gap, since the records of the gap follow it', () => {
    const gap = { fromUs: 40, toUs: 100, pausedFromUs: null };
    expect(session({ gap })).toMatchObject({ tUs: 40, adopted: { gapFromUs: 40, gapToUs: 100, how: 'replaced' } });
    expect(session({ gap, chosen: { adopted: true } }).adopted?.how).toBe('adopted');
  });

  it('is the tracepoint mode by whichever tracepoints', () => {
    expect(session({ chosen: { way: 'btf-tracepoint' } }).attachMode).toBe('tracepoint');
  });

  it('lists each program once: as it is attached, not as it failed before', () => {
    const failure: SessionParts['chosen']['failures'][number] = {
      way: 'fentry',
      reason: 'EPERM',
      outcomes: [{ name: 'tp_btf_wake_reaper', state: 'left-out', reason: 'fentry does not work on this host' }],
    };
    const { programs } = session({
      ruledOut: [{ way: 'kprobe', reason: 'this kernel has no kprobes' }],
      chosen: { way: 'btf-tracepoint', outcomes: [attached('tp_btf_wake_reaper')], failures: [failure] },
    });
    expect(programs.filter((program) => program.name === 'tp_btf_wake_reaper')).toEqual([
      attached('tp_btf_wake_reaper'),
    ]);
    expect(programs).toContainEqual({
      name: 'kprobe_oom_badness',
      state: 'left-out',
      reason: 'this kernel has no kprobes',
    });
  });
});
