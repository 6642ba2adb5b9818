import type { OomscopeEvent } from '../../src/events/event.js';
import {
  MIB,
  sampleCgroupPressure,
  sampleCgroupSample,
  sampleCgroupStat,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNode,
  samplePressure,
  sampleProcessRow,
  sampleProcessSample,
} from './sample-events.js';

/** A node whose memory fills up: an app leaks, a reader fills the page cache, the others breathe. Made-up, repeatable. */
export interface MemoryScene {
  /** The names of all cgroups. */
  begin(tUs: number): OomscopeEvent[];
  /** One tick: usage of all; once a second also what it consists of, pressure and the node. */
  tick(tUs: number): OomscopeEvent[];
}

const BURSTABLE = '/kubepods.slice/kubepods-burstable.slice';
const POD = `${BURSTABLE}/kubepods-burstable-pod3f1c2b4a_0001_4000_8000_00000000000a.slice`;
/** The pod of `sidecarKill`. */
const SIDECAR_POD = `${BURSTABLE}/kubepods-burstable-pod3f1c.slice`;
const ID = (digit: string) => digit.repeat(64);
const NODE_BYTES = 32 * 1024 * MIB;

interface Member {
  readonly id: number;
  readonly path: string;
  readonly maxBytes: number | 'max';
  /** Seconds since the beginning → parts in MiB. */
  readonly parts: (second: number) => { anon: number; file: number; shmem: number; stall: number };
}

/** `count` cgroups in all, the named ones among them. */
export function memoryScene(count: number, startUs: number): MemoryScene {
  const members = [...named(), ...Array.from({ length: Math.max(0, count - 9) }, (_, n) => breathing(n))];
  const second = (tUs: number) => Math.max(0, (tUs - startUs) / 1e6);
  return {
    begin: (tUs) =>
      [{ id: 1, path: '/' }, { id: 2, path: POD }, { id: 3, path: '/system.slice' }, ...members].map(
        ({ id, path }) => ({
          topic: '/cgroup',
          tUs,
          change: 'present',
          id,
          path,
          level: path === '/' ? 0 : path.split('/').length - 1,
        }),
      ),
    tick(tUs) {
      const at = second(tUs);
      const cgroups = members.map(({ id, maxBytes, parts }) =>
        sampleCgroupSample({ id, maxBytes, highBytes: 'max', usageBytes: usageOf(parts(at)) }),
      );
      const system = members.filter(({ path }) => path.startsWith('/system.slice/'));
      cgroups.push(sampleCgroupSample({ id: 3, maxBytes: 'max', highBytes: 'max', usageBytes: usedBy(system, at) }));
      const sample = sampleMemorySample({ tUs, kind: 'full', intervalUs: 100_000, cgroups });
      return Math.round(at * 10) % 10 === 0 ? [sample, ...everySecond(members, tUs, at)] : [sample];
    },
  };
}

function everySecond(members: readonly Member[], tUs: number, at: number): OomscopeEvent[] {
  const used = usedBy(members, at);
  const available = Math.max(60 * MIB, NODE_BYTES - used);
  const someUs = available < NODE_BYTES / 8 ? 400_000 : 4_000;
  return [
    sampleMemoryStat({
      tUs,
      events: [],
      eventsLocal: [],
      cgroups: members.map(({ id, parts }) => {
        const { anon, file, shmem } = parts(at);
        return sampleCgroupStat({
          id,
          anonBytes: anon * MIB,
          shmemBytes: shmem * MIB,
          fileBytes: (file + shmem) * MIB,
          activeFileBytes: file * 0.6 * MIB,
          inactiveFileBytes: file * 0.4 * MIB,
          kernelBytes: 4 * MIB,
        });
      }),
    }),
    samplePressure({
      tUs,
      node: { spanUs: 1_000_000, someUs, fullUs: someUs / 3 },
      cgroups: members.flatMap(({ id, parts }) => {
        const { stall } = parts(at);
        const us = stall * 1_000_000;
        return stall === 0 ? [] : [sampleCgroupPressure({ id, stallUs: us, someUs: us / 2, fullUs: us / 3 })];
      }),
    }),
    sampleNode({
      tUs,
      memTotalBytes: NODE_BYTES,
      memAvailableBytes: available,
      memFreeBytes: available / 2,
      kubeletAvailableBytes: available,
    }),
    processesAt(members, tUs, at),
  ];
}

const PROCESSES: Readonly<Record<number, { readonly comm: string; readonly adj: number }>> = {
  301: { comm: 'myapp', adj: 280 },
  302: { comm: 'vector', adj: 1000 },
  303: { comm: 'csv-import', adj: 0 },
  304: { comm: 'legacy-agent', adj: -500 },
  311: { comm: 'web', adj: 500 },
  312: { comm: 'worker', adj: 500 },
};

/** One process in each of the named cgroups. */
function processesAt(members: readonly Member[], tUs: number, at: number): OomscopeEvent {
  const processes = members.flatMap(({ id, parts }) => {
    const process = PROCESSES[id];
    const { anon, file, shmem } = parts(at);
    const memory = { rssAnonBytes: anon * MIB, rssFileBytes: (file / 4) * MIB, rssShmemBytes: shmem * MIB };
    return process === undefined ? [] : [sampleProcessRow({ pid: 4_000 + id, cgroupId: id, ...process, ...memory })];
  });
  const cgroups = members.flatMap(({ id, maxBytes }) =>
    id < 1_000 && maxBytes !== 'max' ? [{ id, maxBytes, swapMaxBytes: 0, oomGroup: id === 311 }] : [],
  );
  const seen = { processesSeen: 214, limitsSeen: cgroups.length + 2 };
  return sampleProcessSample({ tUs, ...seen, ramBytes: NODE_BYTES, processes, cgroups });
}

function usedBy(members: readonly Member[], at: number): number {
  return members.reduce((sum, { parts }) => sum + usageOf(parts(at)), 0);
}

function usageOf({ anon, file, shmem }: ReturnType<Member['parts']>): number {
  return Math.round((anon + file + shmem + 4) * MIB);
}

function named(): Member[] {
  const wave = (second: number, period: number) => Math.sin((second / period) * 2 * Math.PI);
  return [
    {
      id: 30,
      path: '/kubepods.slice',
      maxBytes: 4096 * MIB,
      parts: (s) => ({ anon: 1_800 + Math.min(2_190, s * 20), file: 138, shmem: 96, stall: s * 20 > 1_900 ? 0.7 : 0 }),
    },
    {
      id: 301,
      path: `${SIDECAR_POD}/cri-containerd-app.scope`,
      maxBytes: 'max',
      parts: (s) => ({ anon: 600 + Math.min(2_190, s * 20), file: 41, shmem: 96, stall: s * 20 > 1_900 ? 0.7 : 0 }),
    },
    {
      id: 302,
      path: `${SIDECAR_POD}/cri-containerd-vector.scope`,
      maxBytes: 'max',
      parts: (s) => ({ anon: 212 + 6 * wave(s, 11), file: 58, shmem: 0, stall: 0.02 }),
    },
    {
      id: 311,
      path: `${POD}/cri-containerd-${ID('a')}.scope`,
      maxBytes: 1024 * MIB,
      parts: (s) => ({ anon: 700 + 40 * wave(s, 23), file: 30, shmem: 0, stall: 0 }),
    },
    {
      id: 312,
      path: `${POD}/cri-containerd-${ID('b')}.scope`,
      maxBytes: 'max',
      parts: (s) => ({ anon: 260 + 20 * wave(s, 31), file: 9, shmem: 0, stall: 0 }),
    },
    {
      id: 303,
      path: '/system.slice/csv-import.service',
      maxBytes: 8192 * MIB,
      parts: (s) => ({ anon: 900, file: Math.min(2400, 200 + s * 20), shmem: 0, stall: 0 }),
    },
    {
      id: 304,
      path: '/system.slice/legacy-agent.service',
      maxBytes: 'max',
      parts: (s) => ({ anon: 7_000 + s * 14, file: 120, shmem: 2_048, stall: 0 }),
    },
  ];
}

function breathing(n: number): Member {
  const base = 4 + ((n * 37) % 23);
  return {
    id: 1_000 + n,
    path: `/system.slice/job-${n}.service`,
    maxBytes: n % 5 === 0 ? 256 * MIB : 'max',
    parts: (s) => ({
      anon: base + base * 0.4 * Math.sin(s / (5 + (n % 17)) + n),
      file: 3 + (n % 7),
      shmem: 0,
      stall: n % 97 === 0 ? 0.01 : 0,
    }),
  };
}
