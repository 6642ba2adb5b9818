import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryEpisode, arbitraryEvent } from '../../../test/support/arbitrary-event.js';
import {
  sampleCandidate,
  sampleEpisode,
  sampleIdentity,
  sampleProcess,
  sampleVictim,
} from '../../../test/support/sample-events.js';
import type { EpisodeEvent } from '../../events/episode.js';
import type { IdentityEvent } from '../../events/identity.js';
import { initialModel } from '../../model/fold.js';
import { NO_PODS, withPod } from '../../model/pods.js';
import { workloadOf } from '../../model/workload.js';
import { EventNumbers } from './numbered-events.js';
import { Redactor } from './redact.js';

/** Every name that stands anywhere in an event. */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    ['comm', 'parentComm', 'commandLine', 'cgroupPath', 'path'].includes(key) && typeof inner === 'string'
      ? [inner]
      : namesIn(inner),
  );
}

test('no name of a process or a cgroup is left, in any event', () => {
  fc.assert(
    fc.property(arbitraryEvent, (event) => {
      for (const name of namesIn(new Redactor().event(event))) {
        expect(name).toMatch(/^([pa]-[0-9a-f]{8}|(…?\/?(c-[0-9a-f]{8})?)*)$/);
      }
    }),
    { numRuns: 300 },
  );
});

test('everything but the names stays', () => {
  const blank = (value: unknown) => {
    const names = new Set(namesIn(value));
    return JSON.stringify(value, (_, inner: unknown) => (names.has(String(inner)) ? 'name' : inner));
  };
  fc.assert(
    fc.property(arbitraryEpisode, (event) => {
      const redacted = new Redactor().event(event) as EpisodeEvent;
      expect(redacted.candidates.map(({ points }) => points)).toEqual(event.candidates.map(({ points }) => points));
      expect(blank(redacted).length).toBeGreaterThan(0);
      expect(Object.keys(redacted).sort()).toEqual(Object.keys(event).sort());
    }),
  );
});

test('the same name is the same word in one run and another in the next', () => {
  const episode = sampleEpisode({
    candidates: [sampleCandidate(), sampleCandidate({ pid: 9, cgroupPath: '/lab/app/x' })],
  });
  const redactor = new Redactor();
  const first = redactor.event(episode) as EpisodeEvent;
  const victim = redactor.event(sampleVictim({ process: sampleProcess() }));
  expect(victim).toMatchObject({ process: { comm: first.choice?.process.comm } });
  const [outer, inner] = first.candidates.map(({ cgroupPath }) => cgroupPath);
  expect(inner?.startsWith(`${outer}/`)).toBe(true);
  expect((new Redactor().event(episode) as EpisodeEvent).trigger?.comm).not.toBe(first.trigger?.comm);
});

test('a pod is still one, whose names and ids nobody can tell', () => {
  const identity = sampleIdentity();
  const id = identity.containers[1]?.id ?? '';
  const inSlice = identity.podUid.replaceAll('-', '_');
  const path = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${inSlice}.slice/cri-containerd-${id}.scope`;
  const redactor = new Redactor();
  const redacted = redactor.event(identity) as IdentityEvent;
  const victim = redactor.event(sampleVictim({ process: sampleProcess({ cgroupPath: path }) }));
  const redactedPath = victim.topic === '/oom/victim' ? (victim.process?.cgroupPath ?? null) : null;

  const workload = workloadOf(redactedPath, withPod(NO_PODS, redacted));
  expect(workload).toMatchObject({ qos: 'burstable', container: redacted.containers[1]?.name, unnamed: null });
  const text = JSON.stringify([redacted, redactedPath]);
  for (const secret of [identity.podUid, inSlice, id, 'shop', 'web-1', 'vector']) expect(text).not.toContain(secret);
});

test('what is recorded with it has no name, in events and in keyframes', () => {
  const numbers = new EventNumbers(new Redactor());
  const secret = 'my-secret';
  const event = sampleVictim({ process: sampleProcess({ comm: secret, cgroupPath: `/${secret}` }) });
  const model = {
    ...initialModel,
    nowUs: 1,
    incidents: [{ id: 'v', startUs: 1, episode: null, victims: [{ tid: 812, steps: [event] }] }],
  };
  const payloads = [numbers.number(event).message, ...numbers.keyframe(model, 2, 1)].map(({ payload }) => payload);
  for (const payload of payloads) expect(Buffer.from(payload).toString('latin1')).not.toContain(secret);
});
