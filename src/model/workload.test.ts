import { describe, expect, it } from 'vitest';
import {
  sampleCandidate,
  sampleCgroup,
  sampleChoice,
  sampleEpisode,
  sampleIdentity,
  sampleProcess,
  sampleVictim,
} from '../../test/support/sample-events.js';
import type { OomscopeEvent } from '../events/event.js';
import { applyEvents, initialModel } from './fold.js';
import { MAX_PODS, NO_PODS, withPod } from './pods.js';
import { summarize } from './summary.js';
import { judge } from './verdict.js';
import { workloadName, workloadOf } from './workload.js';

const POD = '/kubepods/burstable/pod3f1c9a52-7d1e-4a0b-9c55-0123456789ab';
const APP = `${POD}/${'a'.repeat(64)}`;
const SIDECAR = `${POD}/${'b'.repeat(64)}`;
const KNOWN = withPod(NO_PODS, sampleIdentity());

function headlineOf(events: readonly OomscopeEvent[]): string {
  const model = applyEvents(initialModel, events);
  const [incident] = model.incidents;
  return incident === undefined ? '' : summarize(incident, undefined, model.pods).headline;
}

describe('the names of pods and containers', () => {
  const vector = sampleCandidate({ pid: 99, comm: 'vector', cgroupId: 302, cgroupPath: SIDECAR });
  const inPod = sampleEpisode({
    trigger: sampleProcess({ pid: 4711, comm: 'myapp', cgroupId: 301, cgroupPath: APP }),
    limitCgroup: sampleCgroup({ id: 300, path: POD }),
    victimCgroup: sampleCgroup({ id: 302, path: SIDECAR, maxBytes: 'max' }),
    choice: sampleChoice(vector),
    candidates: [vector],
  });
  const mark = sampleVictim({ tid: 99, process: { ...vector } });

  it('stand in the sentence for victim, limit and trigger', () => {
    expect(headlineOf([sampleIdentity(), mark, inPod])).toBe(
      'vector (pid 99) in container vector of pod shop/web-1 was killed: pod shop/web-1, above its container, hit its ' +
        'limit of 100 MiB; it was myapp (pid 4711) in container myapp of pod shop/web-1 that asked for memory.',
    );
  });

  it('stand in the verdict too', () => {
    const model = applyEvents(initialModel, [sampleIdentity(), mark, inPod]);
    const [incident] = model.incidents;
    if (incident === undefined) throw new Error('there is an incident');
    const { incidents, session, pods } = model;
    expect(judge({ incident, incidents, session, tracks: [], pods }).sentence).toContain(
      'vector (pid 99) in container vector of pod shop/web-1 was killed',
    );
  });

  it('that are learned after the kill stand there too', () => {
    expect(headlineOf([mark, inPod, sampleIdentity()])).toBe(headlineOf([sampleIdentity(), mark, inPod]));
    expect(headlineOf([mark, inPod])).toContain(
      'in container bbbbbbbbbbbb of pod 3f1c9a52-7d1e-4a0b-9c55-0123456789ab was killed',
    );
  });

  it('that are missing have a reason', () => {
    expect(workloadOf(APP, KNOWN)).toMatchObject({ pod: 'web-1', container: 'myapp', qos: 'burstable', unnamed: null });
    expect(workloadOf(APP, NO_PODS)?.unnamed).toMatch(/name of this pod$/);
    expect(workloadOf(`${POD}/${'c'.repeat(64)}`, KNOWN)?.unnamed).toMatch(/name of this container$/);
    expect(workloadOf(`/docker/${'c'.repeat(64)}`, KNOWN)).toMatchObject({ runtime: 'docker', unnamed: null });
    expect(workloadOf('/system.slice/legacy-agent.service', KNOWN)).toBeNull();
    expect(workloadOf(null, KNOWN)).toBeNull();
  });

  it('cannot act up in a terminal', () => {
    const pods = withPod(NO_PODS, sampleIdentity({ namespace: 'shop\x1b[2J', pod: 'web\u202e' }));
    expect(workloadName(workloadOf(POD, pods))).toBe('pod shop\\x1b[2J/web\\u{202e}');
  });

  it('of pods that have left go first when there are too many', () => {
    let pods = withPod(NO_PODS, sampleIdentity({ podUid: 'long-lived' }));
    for (let n = 0; n < MAX_PODS + 10; n++) pods = withPod(pods, sampleIdentity({ podUid: `job-${n}`, gone: true }));
    expect(pods.size).toBe(MAX_PODS);
    expect(pods.has('long-lived')).toBe(true);
    expect([pods.has('job-10'), pods.has('job-11')]).toEqual([false, true]);
  });
});
