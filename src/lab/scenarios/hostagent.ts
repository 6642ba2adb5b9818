import { setTimeout as sleep } from 'node:timers/promises';
import { availableBytes } from '../stage/node-memory.js';
import { MIB, type Scenario } from './scenario.js';

/** kubelet's default hard eviction line. */
const LINE_BYTES = 100 * MIB;
/** How far above the line it ends: near enough to alarm, and no kill by the kernel. */
const ABOVE_BYTES = 60 * MIB;
const GROW_BYTES_PER_SECOND = 20 * MIB;
const GROW_SECONDS = 6;
/** Long enough to ask where the memory is, while it is there. */
const STAY_MS = 12_000;

/** A node under pressure from outside of Kubernetes: pods are small, the agent is not. Nobody is killed. */
export const hostagent: Scenario = {
  name: 'hostagent',
  summary: 'An agent outside of the pods takes most of the node; the pods are evicted for it.',
  shows: 'What lies outside of kubepods, by unit and pid, and how far the eviction line is.',
  expected: 'nobody is killed by the kernel; memory.available comes close to the hard eviction line.',
  pauseMs: 10_000,
  async play(stage) {
    const pod =
      '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod11111111_2222_3333_4444_555555555555.slice';
    const container = await stage.cgroup(`${pod}/cri-containerd-${'a1b2'.repeat(16)}.scope`);
    const service = await stage.cgroup('/system.slice/legacy-agent.service');
    await stage.hog('pod', container, { comm: 'shop', adj: 970, anonBytes: 48 * MIB });
    const growBytes = GROW_BYTES_PER_SECOND * GROW_SECONDS;
    const agent = await stage.hog('agent', service, {
      ...{ comm: 'agent', adj: 0, wait: true, growBytes, growBytesPerSecond: GROW_BYTES_PER_SECOND },
      anonBytes: Math.max(availableBytes() - LINE_BYTES - ABOVE_BYTES - growBytes, 0),
    });
    stage.fact('agent', { pid: agent.pid, anonBytes: (agent.options.anonBytes ?? 0) + growBytes, growBytes });
    stage.say('agent, in /system.slice, grows 20 MiB a second towards the eviction line.');
    agent.start();
    await agent.until('grown');
    stage.fact('usage', {
      path: service.path,
      usageBytes: await service.usageBytes(),
      availableBytes: availableBytes(),
    });
    await sleep(STAY_MS);
  },
};
