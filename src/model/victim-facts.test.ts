import { describe, expect, it } from 'vitest';
import {
  sampleEpisode,
  sampleIdentity,
  sampleProcess,
  sampleSession,
  sampleVictim,
} from '../../test/support/sample-events.js';
import type { IdentityEvent } from '../events/identity.js';
import { applyEvents, initialModel } from './fold.js';
import { victimFacts } from './victim-facts.js';

const UID = '3f1c9a52-7d1e-4a0b-9c55-0123456789ab';
const APP = 'a'.repeat(64);

function factsOf(identity: Partial<IdentityEvent>, containerPid: number | null = 7) {
  const process = sampleProcess({ cgroupPath: `/kubepods/burstable/pod${UID}/${APP}` });
  const mark = sampleVictim({ process, containerPid });
  const model = applyEvents(initialModel, [sampleSession(), sampleIdentity(identity), mark, sampleEpisode()]);
  const [incident] = model.incidents;
  // What was chosen is who was marked; its cgroup is the container's.
  const episode = incident?.episode ?? null;
  const choice = episode?.choice ?? null;
  if (incident === undefined || episode === null || choice === null) throw new Error('no kill');
  const placed = { ...choice, process: { ...choice.process, cgroupPath: process.cgroupPath } };
  return victimFacts({ ...incident, episode: { ...episode, choice: placed } }, model.pods);
}

describe('what is known of a victim as Kubernetes has it', () => {
  it('is its number in its container, its image with its limit, and the labels of its pod', () => {
    const containers = [{ id: APP, name: 'myapp', image: 'registry.example/shop:1', memoryLimitBytes: 64 * 2 ** 20 }];
    const labels = { kept: [{ name: 'team', value: 'payments' }], leftOut: 2 };
    expect(factsOf({ containers, labels })).toEqual([
      ['pids', '812 on the node, 7 in its container'],
      ['image', 'registry.example/shop:1, made with a limit of 64 MiB'],
      ['labels', 'team=payments, 2 more'],
    ]);
  });

  it('is nothing where log files told the name, and it shares the pids of the node', () => {
    expect(factsOf({}, 812)).toEqual([]);
    expect(factsOf({}, null)).toEqual([]);
  });

  it('is why nobody knows its name', () => {
    expect(factsOf({ namespace: null, pod: null, containers: [], unnamed: 'nobody was there\u001b[2J' }, null)).toEqual(
      [['unnamed', 'nobody was there\\x1b[2J']],
    );
  });
});
