import { visible } from '../base/escape.js';
import { formatBytes, formatDuration, plural } from '../base/units.js';
import type { EvictionDistance, KubeletSettings } from '../model/eviction.js';
import type { ContainerRequest, Ledger, LedgerUnit } from '../model/ledger.js';
import type { Line } from '../sinks/text/line.js';

/** The memory of a node at one moment, and how far it is from kubelet's lines. */
export interface LedgerReport {
  readonly ledger: Ledger;
  readonly kubelet: KubeletSettings;
  /** memory.available as kubelet computes it; null = not readable. */
  readonly availableBytes: number | null;
  /** Measured; positive = it falls. Null = not measured. */
  readonly fallBytesPerSecond: number | null;
  readonly hard: EvictionDistance | null;
  readonly soft: EvictionDistance | null;
  /** Why the API server that was asked told nothing; null = it did, or was not asked. */
  readonly kubeObstacle: string | null;
}

const UNITS_SHOWN = 8;

export function ledgerJson(report: LedgerReport): object {
  const { ledger, kubelet, kubeObstacle, ...eviction } = report;
  return { ...ledger, eviction: { ...eviction, kubelet }, kubeObstacle };
}

export function ledgerLines(report: LedgerReport): Line[] {
  const { ledger } = report;
  const { pods, other } = ledger;
  const sums: [string, number][] = [
    ['pods, guaranteed', pods.guaranteed],
    ['pods, burstable', pods.burstable],
    ['pods, best effort', pods.besteffort],
    ['system.slice', ledger.systemBytes],
    ['user.slice', ledger.userBytes],
    ['other cgroups', other.cgroupsBytes],
    ['in no cgroup', other.rootBytes],
    ...(other.hugetlbBytes === 0 ? [] : [['huge pages', other.hugetlbBytes] as [string, number]]),
    ['kernel, in no cgroup', ledger.kernelBytes],
    ['free', ledger.freeBytes],
    ['unaccounted', ledger.unaccountedBytes],
  ];
  return [
    { text: `Where ${formatBytes(ledger.capacityBytes)} of memory are`, tone: 'strong' },
    ...sums.map(([name, bytes]): Line => ({ text: `  ${name.padEnd(22)}${amount(bytes)}${share(bytes, ledger)}` })),
    { text: '' },
    ...evictionLines(report),
    { text: '' },
    ...unitLines('Largest users outside of pods', ledger.outsidePods),
    ...unitLines('Without a limit, their own or one above', ledger.unlimited),
    ...(ledger.highUnused
      ? [{ text: 'No cgroup has a memory.high: nothing is throttled before it is killed.', indent: 2 }]
      : []),
    ...requestLines(ledger.requests),
    ...(report.kubeObstacle === null
      ? []
      : [{ text: `The API server told nothing: ${visible(report.kubeObstacle)}`, indent: 2 }]),
  ];
}

function evictionLines({ kubelet, availableBytes, fallBytesPerSecond, hard, soft }: LedgerReport): Line[] {
  if (availableBytes === null) return [{ text: 'memory.available cannot be read here.' }];
  const rate =
    fallBytesPerSecond === null || Math.abs(fallBytesPerSecond) < 1024
      ? ''
      : `, ${fallBytesPerSecond > 0 ? 'falls' : 'grows'} ${formatBytes(Math.round(Math.abs(fallBytesPerSecond)))}/s`;
  const grace = kubelet.softGrace === null ? '' : ` for ${kubelet.softGrace}`;
  return [
    {
      text: `memory.available is ${formatBytes(availableBytes)}${rate} (lines from ${kubelet.source})`,
      tone: 'strong',
      indent: 2,
    },
    distanceLine('hard', hard, ''),
    ...(soft === null ? [] : [distanceLine('soft', soft, grace)]),
    ...reservedLine(kubelet),
  ];
}

function distanceLine(kind: 'hard' | 'soft', distance: EvictionDistance | null, grace: string): Line {
  if (distance === null) return { text: `  ${kind}: kubelet has no such line: nothing is evicted for want of memory.` };
  const line = `${formatBytes(distance.lineBytes)}${distance.from === 'default' ? " (kubelet's default)" : ''}${grace}`;
  if (distance.aboveBytes <= 0) {
    return { text: `  ${kind}: ${formatBytes(-distance.aboveBytes)} BELOW the line of ${line}`, tone: 'alarm' };
  }
  const when = distance.inSeconds === null ? '' : `: reached in ~${formatDuration(distance.inSeconds * 1e6)}`;
  return { text: `  ${kind}: ${formatBytes(distance.aboveBytes)} above the line of ${line}${when}` };
}

function reservedLine({ systemReservedBytes, kubeReservedBytes, runs }: KubeletSettings): Line[] {
  if (!runs) return [];
  const text = (bytes: number | null) => (bytes === null ? 'not set' : formatBytes(bytes));
  return [{ text: `  system-reserved: ${text(systemReservedBytes)}, kube-reserved: ${text(kubeReservedBytes)}` }];
}

function unitLines(title: string, units: readonly LedgerUnit[]): Line[] {
  if (units.length === 0) return [];
  const hidden = units.length - UNITS_SHOWN;
  return [
    { text: title, tone: 'strong' },
    ...units.slice(0, UNITS_SHOWN).map((unit) => ({ text: `  ${unitText(unit)}`, indent: 14 })),
    ...(hidden > 0 ? [{ text: `  … and ${plural(hidden, 'smaller one')}; --json lists all` }] : []),
    { text: '' },
  ];
}

function unitText({ path, usageBytes, anonBytes, largest }: LedgerUnit): string {
  const anon = anonBytes === null ? '' : `, anon ${formatBytes(anonBytes)}`;
  const process =
    largest === null ? '' : `, largest ${largest.comm} (pid ${largest.pid}, ${formatBytes(largest.rssBytes)})`;
  return `${amount(usageBytes)}  ${path}${anon}${process}`;
}

function requestLines(requests: readonly ContainerRequest[]): Line[] {
  return [
    ...requestSection(requests, 'api-server', 'Memory requests of containers, as the API server tells'),
    ...requestSection(requests, 'adj', 'Memory requests of burstable containers, as their oom_score_adj tells'),
  ];
}

function requestSection(all: readonly ContainerRequest[], from: ContainerRequest['from'], title: string): Line[] {
  const requests = all.filter((request) => request.from === from);
  if (requests.length === 0) return [];
  return [{ text: title, tone: 'strong' }, ...requests.map((each) => ({ text: `  ${requestLine(each)}`, indent: 4 }))];
}

function requestLine(request: ContainerRequest): string {
  if (request.from === 'adj') {
    const { path, adj, atLeastBytes, belowBytes } = request;
    return `adj ${adj}: ${requestText(atLeastBytes, belowBytes)}  ${path}`;
  }
  const { path, requestBytes } = request;
  return `${(requestBytes === null ? 'none' : formatBytes(requestBytes)).padStart(10)}  ${path}`;
}

function requestText(atLeastBytes: number, belowBytes: number | null): string {
  if (belowBytes === null) return `${formatBytes(atLeastBytes)} or more`;
  return atLeastBytes === 0
    ? `none, or less than ${formatBytes(belowBytes)}`
    : `${formatBytes(atLeastBytes)} to ${formatBytes(belowBytes)}`;
}

function amount(bytes: number): string {
  return formatBytes(bytes).padStart(10);
}

function share(bytes: number, { capacityBytes }: Ledger): string {
  return capacityBytes === 0 ? '' : `${Math.round((100 * bytes) / capacityBytes)} %`.replace('-', '−').padStart(7);
}
