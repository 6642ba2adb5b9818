import type { Topic } from './event.js';

interface TopicInfo {
  /** What one event of it says, in one line. */
  readonly about: string;
}

/** Every topic there is; the compiler demands a line for a new one, and a test its chapter in docs/events.md. */
export const TOPICS = {
  '/session': { about: 'what the tracer found on this host and what it attached' },
  '/oom/episode': { about: 'one run of the OOM killer: trigger, limit, every candidate, the choice' },
  '/oom/victim': { about: 'one step of a victim on its way out: marked, reaped, exited' },
  '/identity': { about: 'the names of a pod and its containers' },
  '/kube': { about: 'what the Kubernetes API server tells of the node: requests, owners, evictions, conditions' },
  '/kill': { about: 'user space ended a process: who sent the signal, to whom' },
  '/loss': { about: 'something was lost, and how much' },
  '/cgroup': { about: 'a cgroup is there, comes, goes or is renamed' },
  '/memory/sample': { about: 'usage and limits of cgroups at one tick' },
  '/memory/stat': { about: 'what the memory of cgroups consists of, and what the kernel did to them' },
  '/node': { about: "the node's memory, and how busily it is reclaimed" },
  '/process': { about: 'the processes that hold most or would die first' },
  '/pressure': { about: 'time lost for want of memory: PSI and task stalls' },
  '/reclaim': { about: 'reclaim for each cgroup, and kswapd' },
  '/throttle': { about: 'tasks put to sleep by memory.high' },
  '/near-miss': { about: 'nobody was killed, but it was close' },
  '/gap': { about: 'samples that were due did not come' },
} as const satisfies Readonly<Record<Topic, TopicInfo>>;
