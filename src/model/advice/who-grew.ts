import { visible } from '../../base/escape.js';
import { formatBytes, formatDuration, plural } from '../../base/units.js';
import { isInside } from '../cgroup-tree.js';
import { unreclaimableBytes } from '../growth.js';
import { growerName, growthInWords } from '../growth-words.js';
import { processName } from '../summary.js';
import { privateBytes } from '../weights.js';
import type { Rule } from './facts.js';
import { inKubepods, limitAt, limitChange, perSecond, usageAt } from './places.js';

/** Somebody grew without a limit of their own, and another one died of it. */
export const limitTheCulprit: Rule = (facts) => {
  const { culprit } = facts;
  if (culprit.kind !== 'cgroup' || culprit.isVictim) return null;
  const { growth, process } = culprit;
  if (limitAt(facts, growth.path) !== 'max') return null;
  const before = growth.from === null ? 0 : (unreclaimableBytes(growth.from) ?? 0);
  const after = usageAt(facts, growth.path) ?? before + growth.unreclaimableBytes;
  return {
    says: `Give ${growerName(growth, process)} a memory limit`,
    because: `then its own cgroup is hit first, and only its own processes can die`,
    evidence: [growthInWords(growth), `memory.max of ${visible(growth.path)} is max: no limit`],
    change: limitChange(
      growth.path,
      (before + after) / 2,
      `it held ${formatBytes(before)} before it grew, ${formatBytes(after)} at the kill; choose what it needs`,
    ),
  };
};

/** The same without a timeline: who holds most has no limit. It is not said that it grew. */
export const limitTheLargest: Rule = (facts) => {
  const { culprit, cause, largest } = facts;
  if (culprit.kind !== 'unknown' || cause.kind === 'own-limit') return null;
  if (largest === null || largest.cgroupPath === null || limitAt(facts, largest.cgroupPath) !== 'max') return null;
  return {
    says: `Give ${processName(largest)} a memory limit`,
    because: null,
    evidence: [
      `it held ${formatBytes(privateBytes(largest))}, more than all other candidates together`,
      `memory.max of ${visible(largest.cgroupPath)} is max: no limit`,
    ],
    change: limitChange(largest.cgroupPath, privateBytes(largest), 'what it held at the kill; choose what it needs'),
  };
};

/** It grew into its own limit. */
export const leakOrLimit: Rule = ({ culprit, cause }) => {
  if (culprit.kind !== 'cgroup' || cause.kind !== 'own-limit' || culprit.growth.kind !== 'anon') return null;
  if (!isInside(culprit.growth.path, cause.cgroup.path ?? '?')) return null;
  const { growth, process } = culprit;
  const spanUs = growth.toUs - growth.fromUs;
  const rate = perSecond(growth.unreclaimableBytes, spanUs);
  const { maxBytes } = cause.cgroup;
  const lasts =
    typeof maxBytes !== 'number'
      ? ''
      : `; at this rate twice the limit lasts ${formatDuration((maxBytes / Math.max(1, growth.unreclaimableBytes)) * spanUs)} longer`;
  return {
    says: `Find out what ${growerName(growth, process)} keeps`,
    because: `it leaks, or needs more than its limit${lasts}`,
    evidence: [growthInWords(growth), `it is anonymous memory, growing ${rate}`],
    change: null,
  };
};

/** tmpfs, or memory shared by processes. */
export const boundTheShmem: Rule = ({ culprit }) => {
  if (culprit.kind !== 'cgroup' || culprit.growth.kind !== 'shmem') return null;
  const { growth, process } = culprit;
  return {
    says: `Bound the tmpfs or shared memory that ${growerName(growth, process)} fills`,
    because: `without swap it can only be deleted`,
    evidence: [`${growthInWords(growth)}, ${formatBytes(growth.byKind?.shmem ?? 0)} of it shmem`],
    change: inKubepods(growth.path)
      ? 'volumes:\n- name: cache\n  emptyDir: {medium: Memory, sizeLimit: 64Mi}  # as much as it needs'
      : 'mount -o remount,size=64M /path/of/the/tmpfs  # as much as it needs',
  };
};

/** Something outside the pods took a node with pods down. */
export const reserveForTheSystem: Rule = ({ culprit, cause, episode }) => {
  if (cause.kind !== 'node-wide' || culprit.kind !== 'cgroup' || inKubepods(culprit.growth.path)) return null;
  const pods = episode.candidates.filter(({ cgroupPath }) => inKubepods(cgroupPath)).length;
  if (pods === 0) return null;
  const { growth, process } = culprit;
  const mebibytes = Math.ceil((unreclaimableBytes(growth.to) ?? 0) / 2 ** 20);
  return {
    says: `Limit ${growerName(growth, process)}, or reserve memory for what runs outside the pods`,
    because: null,
    evidence: [
      growthInWords(growth),
      `${visible(growth.path)} is outside kubepods, and ${plural(pods, 'process', 'processes')} of pods stood on the ballot`,
    ],
    change: `kubelet --system-reserved=memory=${mebibytes}Mi  # what it held at the kill`,
  };
};
