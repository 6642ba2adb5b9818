import { describe, expect, it } from 'vitest';
import {
  MIB,
  sampleCandidate,
  sampleCgroup,
  sampleChoice,
  sampleEpisode,
  sampleProcess,
  sampleVictim,
} from '../../test/support/sample-events.js';
import type { EpisodeEvent } from '../events/episode.js';
import type { VictimEvent } from '../events/victim.js';
import { causeInWords, causeOf } from './cause.js';
import { applyEvents, initialModel } from './fold.js';
import type { Incident } from './model.js';
import { headline, summarize } from './summary.js';

function incident(over: Partial<EpisodeEvent> = {}, victims: VictimEvent[] = [sampleVictim()]): Incident {
  const [first] = applyEvents(initialModel, [...victims, sampleEpisode(over)]).incidents;
  if (first === undefined) throw new Error('no incident');
  return first;
}

describe('headline', () => {
  it('a cgroup at its own limit', () => {
    expect(headline(incident())).toBe('hog (pid 812) was killed: its cgroup /lab/app hit its own limit of 100 MiB.');
  });

  it('an ancestor at its limit', () => {
    const limitCgroup = sampleCgroup({ id: 7, path: '/lab', maxBytes: 200 * MIB, usageBytes: 200 * MIB });
    expect(headline(incident({ limitCgroup }))).toBe(
      'hog (pid 812) was killed: /lab, above its cgroup /lab/app, hit its limit of 200 MiB.',
    );
  });

  it('the whole node', () => {
    expect(headline(incident({ limitCgroup: null, constraint: 'none' }))).toBe(
      'hog (pid 812) was killed: the whole node ran out of memory.',
    );
  });

  it('sysrq-f names no trigger: a kernel worker only carries out the wish', () => {
    const trigger = sampleProcess({ pid: 33, comm: 'kworker/0:1' });
    expect(headline(incident({ limitCgroup: null, constraint: 'none', sysrq: true, order: -1, trigger }))).toBe(
      'hog (pid 812) was killed: somebody asked the kernel for a kill (sysrq-f).',
    );
  });

  it('a cpuset, a mempolicy and a lost record are not called the node', () => {
    expect(headline(incident({ limitCgroup: null, constraint: 'cpuset' }))).toContain('cpuset');
    expect(headline(incident({ limitCgroup: null, constraint: 'memory-policy', nodemask: [0, 1] }))).toContain(
      '(0, 1)',
    );
    expect(headline(incident({ limitCgroup: null, constraint: 'memcg' }))).toContain(
      'the record of which one was lost',
    );
    expect(headline(incident({ limitCgroup: null, constraint: null, trigger: null }))).toContain(
      'lost from the record',
    );
  });

  it('a trigger outside the victim is named with its cgroup', () => {
    const trigger = sampleProcess({ pid: 900, comm: 'stress', cgroupId: 43, cgroupPath: '/lab/other' });
    expect(headline(incident({ trigger }))).toMatch(
      /; it was stress \(pid 900\) in \/lab\/other that asked for memory\.$/,
    );
  });

  it('a group kill counts its other members', () => {
    const member = (pid: number) => sampleVictim({ tid: pid, process: sampleProcess({ pid }), chosen: false });
    const text = headline(incident({}, [sampleVictim(), member(2), member(3)]));
    expect(text).toContain('hog (pid 812) was killed and with it 2 other processes of its memory.oom.group: ');
  });

  it('a victim that was dying already was not killed anew', () => {
    expect(headline(incident({}, [sampleVictim({ sigkilled: false })]))).toContain('was already dying');
    const candidates = [sampleCandidate({ pid: 5, comm: 'slow', status: 'dying' })];
    const dying = incident({ outcome: 'victim-dying', choice: null, candidates }, []);
    expect(headline(dying)).toMatch(/^Nobody new was killed, since slow \(pid 5\) is still dying: /);
  });

  it('every outcome is told apart', () => {
    const outcomes = ['killed', 'victim-dying', 'trigger-dying', 'no-candidate', 'declined', 'unfinished'] as const;
    const texts = outcomes.map((outcome) => headline(incident({ outcome, choice: null }, [])));
    expect(new Set(texts).size).toBe(outcomes.length);
  });

  it('a kill seen only by tracepoints claims no reason', () => {
    const model = applyEvents(initialModel, [sampleVictim({ episodeUs: null, sigkilled: null, chosen: null })]);
    const [only] = model.incidents;
    expect(only && headline(only)).toMatch(/^hog \(pid 812\) was killed by the kernel's OOM killer: why .* not known/);
    expect(only && summarize(only).caveat).toContain('tracepoints');
  });

  it('a victim marked before the tracer watched is told as that', () => {
    const model = applyEvents(initialModel, [sampleVictim({ step: 'exited', episodeUs: null })]);
    const [only] = model.incidents;
    expect(only && headline(only)).toContain('marked as a victim before oomscope watched');
  });

  it('a name from outside cannot act on the terminal', () => {
    const hog = sampleCandidate({ comm: '\x1b[2J\u202e', cgroupPath: '/a\nb' });
    const text = headline(
      incident({ choice: sampleChoice(hog), limitCgroup: sampleCgroup({ path: '/a\nb' }), trigger: hog }, []),
    );
    expect(text).toContain('\\x1b[2J\\u{202e} (pid 812)');
    expect(text).toContain('/a\\x0ab');
  });
});

describe('why this one', () => {
  it('the most points, and by how much', () => {
    expect(summarize(incident()).chosen).toBe(
      'it had the most points, 20,786, 16,384 (64 MiB) more than vector (pid 99)',
    );
  });

  it('the sidecar is told to have died for its oom_score_adj', () => {
    const app = sampleCandidate({ pid: 10, comm: 'myapp', rssAnonBytes: 60 * MIB });
    const sidecar = sampleCandidate({ pid: 11, comm: 'vector', rssAnonBytes: 10 * MIB, adj: 680 });
    const { chosen } = summarize(incident({ candidates: [app, sidecar], choice: sampleChoice(sidecar) }));
    expect(chosen).toContain(
      '; its oom_score_adj of 680 added 17,000 of them, and without that myapp (pid 10) would have died',
    );
  });

  it('lost candidates are said, and the margin becomes a bound', () => {
    const { chosen, caveat } = summarize(incident({ candidatesSeen: 9, candidatesLost: 7 }));
    expect(chosen).toContain('more than vector (pid 99) at most');
    expect(caveat).toBe('7 of 9 candidates lost');
  });

  it('nobody was compared where the allocating task is killed', () => {
    const hog = sampleCandidate();
    const choice = sampleChoice(hog, { how: 'allocating-task', points: null });
    expect(summarize(incident({ choice, candidates: [] })).chosen).toContain('vm.oom_kill_allocating_task');
  });

  it('a task that asked to die first, a single candidate and a tie each have their reason', () => {
    const origin = sampleCandidate({ status: 'oom-origin' });
    const choice = sampleChoice(origin, { points: null });
    expect(summarize(incident({ candidates: [origin], choice })).chosen).toContain('oom origin');
    const hog = sampleCandidate();
    expect(summarize(incident({ candidates: [hog] })).chosen).toContain('only process');
    const twin = sampleCandidate({ pid: 3, comm: 'twin' });
    expect(summarize(incident({ candidates: [twin, hog] })).chosen).toContain('as many as twin (pid 3)');
  });
});

describe('cause in words', () => {
  it('a list can tell own limit, ancestor, node and sysrq apart', () => {
    const words = (over: Partial<EpisodeEvent>) => causeInWords(causeOf(sampleEpisode(over)));
    expect(words({})).toBe('own limit of 100 MiB');
    expect(words({ limitCgroup: sampleCgroup({ id: 7, path: '/lab' }) })).toBe('limit of 100 MiB on /lab');
    expect(words({ limitCgroup: null, constraint: 'none' })).toBe('node-wide');
    expect(words({ limitCgroup: null, sysrq: true })).toBe('sysrq-f');
  });

  it('on cgroup v1 the limit on memory and swap is named when it is the one that was hit', () => {
    const limitCgroup = sampleCgroup({
      usageBytes: 60 * MIB,
      swapIsMemsw: true,
      swapBytes: 120 * MIB,
      swapMaxBytes: 120 * MIB,
    });
    expect(causeInWords(causeOf(sampleEpisode({ limitCgroup })))).toBe('own memory+swap limit of 120 MiB');
  });
});
