import { visible } from '../base/escape.js';
import { plural } from '../base/units.js';
import type { Examination, WayFinding } from '../sources/kernel/examine.js';
import type { HostFacts } from '../sources/kernel/host-facts.js';
import type { PinnedSet, RemovedPins } from '../sources/kernel/pins.js';
import { lackOfPrivilege } from '../sources/kernel/support.js';

/** The findings for scripts. `attachMode` 'none' = this host cannot record kills. */
export function doctorJson(findings: Examination): object {
  const { facts, refusal, pins, ...rest } = findings;
  const { tracefs, bpffs, ...host } = facts;
  return {
    ...host,
    ...rest,
    tracefs: { path: tracefs.path, events: Object.keys(tracefs.formats), obstacle: tracefs.obstacle },
    refusal: refusal === null ? null : { code: refusal.code, message: refusal.message, nextStep: refusal.nextStep },
    pins: {
      directory: bpffs.pinDirectory,
      obstacle: bpffs.obstacle,
      running: pins.running,
      owner: pins.runningOwner,
      sets: pins.sets.map(setJson),
    },
  };
}

export function detachJson(directory: string, removed: RemovedPins): object {
  return { directory, directoryRemoved: removed.directoryRemoved, removed: removed.sets.map(setJson) };
}

function setJson({ path, generation, layoutVersion, programs }: PinnedSet): object {
  return { path, generation: String(generation), layoutVersion, programs };
}

/** The findings for a person: the answer first, then the facts, then each way to attach, then what to do. */
export function doctorText(findings: Examination): string {
  const blocks = [
    headline(findings),
    table(factRows(findings)),
    `Ways to attach, best first (what may work was loaded, attached and let go again):\n${table(findings.ways.map(wayRow))}`,
    programLines(findings.ways),
    findings.missing.map(missingBlock).join('\n'),
  ];
  return `${visibleLines(blocks.filter((block) => block !== '').join('\n\n'))}\n`;
}

function headline({ attachMode, refusal }: Examination): string {
  if (refusal !== null)
    return `NO: kills cannot be recorded on this host.\n    ${refusal.message}\n    ${refusal.nextStep}`;
  if (attachMode === 'tracepoint') return 'PARTLY: kills are recorded on this host, but without their candidates.';
  return `YES: kills are recorded on this host with every candidate (${attachMode}).`;
}

type Row = readonly [name: string, state: string, detail: string];

function factRows({ facts, pins }: Examination): Row[] {
  return [
    ['kernel', 'info', `${facts.kernelRelease} ${facts.machine}`],
    privilegeRow(facts),
    ['BTF', facts.btf.obstacle === null ? 'ok' : 'no', facts.btf.obstacle ?? 'the kernel describes its types'],
    ['kprobes', yesNo(facts.kprobes), facts.kprobes === false ? 'not in this kernel' : ''],
    ['tracefs', facts.tracefs.obstacle === null ? 'ok' : 'no', facts.tracefs.obstacle ?? facts.tracefs.path ?? ''],
    ['lockdown', lockdownState(facts), facts.lockdown ?? 'this kernel does not tell of any'],
    cgroupRow(facts),
    ['pins', facts.bpffs.obstacle === null ? 'ok' : 'no', facts.bpffs.obstacle ?? facts.bpffs.pinDirectory ?? ''],
    ['running', 'info', runningText(pins)],
  ];
}

function privilegeRow(facts: HostFacts): Row {
  const lack = lackOfPrivilege(facts);
  if (lack !== null) return ['privileges', 'no', lack];
  if (facts.initialUserNamespace === false)
    return ['privileges', 'no', 'capabilities of a user namespace do not count'];
  return ['privileges', facts.privileges === null ? '?' : 'ok', 'CAP_BPF and CAP_PERFMON'];
}

function cgroupRow({ cgroupVersion }: HostFacts): Row {
  if (cgroupVersion === null) return ['cgroup', 'no', 'no memory controller is mounted'];
  return ['cgroup', cgroupVersion === 2 ? 'ok' : 'part', `the memory controller is on v${cgroupVersion}`];
}

function lockdownState({ lockdown }: HostFacts): string {
  return lockdown === 'confidentiality' ? 'no' : 'ok';
}

function yesNo(known: boolean | null): string {
  if (known === null) return '?';
  return known ? 'ok' : 'no';
}

function runningText({ running, runningOwner, sets }: Examination['pins']): string {
  if (running)
    return runningOwner === null ? 'an oomscope is starting' : `pid ${runningOwner.pid}${at(runningOwner.url)}`;
  if (sets.length === 0) return 'no oomscope, and nothing of it is in the kernel';
  return `no oomscope, but ${plural(sets.length, 'set')} of its programs: the next start adopts them, --detach removes them`;
}

function at(url: string | null): string {
  return url === null ? '' : `, ${url}`;
}

function wayRow({ way, reason, programs }: WayFinding): Row {
  if (reason !== null) return [way, 'no', reason];
  const attached = programs.filter((program) => program.state === 'attached').length;
  return [way, attached === programs.length ? 'ok' : 'part', `${attached} of ${plural(programs.length, 'program')}`];
}

/** Programs that do not attach, of ways that do work: there the way's own line does not say it. */
function programLines(ways: readonly WayFinding[]): string {
  const rows = ways
    .filter((way) => way.reason === null)
    .flatMap((way) => way.programs)
    .filter((program) => program.state !== 'attached')
    .map((program): Row => [program.name, 'no', program.reason ?? '']);
  return rows.length === 0 ? '' : `Programs that were not attached:\n${table(rows)}`;
}

function missingBlock({ code, what, lost, remedy }: Examination['missing'][number]): string {
  return `${code}: ${what}\n  lost:  ${lost}\n  to do: ${remedy}`;
}

function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows
    .map(([name, state, detail]) => `  ${name.padEnd(width)}  ${state.padEnd(4)}  ${detail}`.trimEnd())
    .join('\n');
}

/** Paths and host names come from outside. */
function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

export function detachText(directory: string, { sets, directoryRemoved }: RemovedPins): string {
  const lines = sets.map((set) => `removed ${set.path}: ${plural(set.programs.length, 'attached program')}`);
  if (directoryRemoved) lines.push(`removed ${directory}`);
  if (lines.length === 0) lines.push(`Nothing of oomscope is pinned in ${directory}.`);
  return `${lines.map(visible).join('\n')}\n`;
}
