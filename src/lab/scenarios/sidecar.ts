import { setTimeout as sleep } from 'node:timers/promises';
import { MIB, type Scenario } from './scenario.js';

const REST_MS = 2_500;

/**
 * A pod whose app has no limit, so the limit that is hit is that of all pods. The numbers are a small node's: with a
 * limit of 512 MiB an adj of 999 weighs 511 MiB, one of 100 weighs 51.
 */
export const sidecar: Scenario = {
  name: 'sidecar',
  summary: 'An app leaks; the log shipper beside it is killed, again and again.',
  shows: 'The victim is not the culprit: oom_score_adj outweighs what a process holds.',
  expected: 'vector dies by the limit of /kubepods, though myapp holds ten times as much.',
  pauseMs: 10_000,
  async play(stage) {
    await stage.cgroup('/kubepods', { maxBytes: 512 * MIB, swapMaxBytes: 0 });
    await stage.cgroup('/kubepods/burstable');
    await stage.cgroup('/kubepods/burstable/pod-shop');
    const app = await stage.cgroup('/kubepods/burstable/pod-shop/myapp', { oomGroup: true });
    const shipper = await stage.cgroup('/kubepods/burstable/pod-shop/vector', { oomGroup: true });
    // No request: the adj that kubelet gives to the burstable of the burstable.
    const vector = await stage.hog('sidecar', shipper, { comm: 'vector', adj: 999, anonBytes: 40 * MIB, threads: 3 });
    const myapp = await stage.hog('leak', app, {
      ...{ comm: 'myapp', adj: 100, anonBytes: 160 * MIB, threads: 4, wait: true },
      // With vector it is more than there may be; without, it fits: the app is never the one that dies.
      ...{ growBytes: 330 * MIB, growBytesPerSecond: 50 * MIB },
    });
    stage.say('myapp leaks 50 MiB a second; vector does nothing. A kill follows in about 9 s.');
    // What it takes at its start is no leak: that has to be seen apart.
    await sleep(REST_MS);
    myapp.start();
    await Promise.race([vector.exited, myapp.exited]);
  },
};
