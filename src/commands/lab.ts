import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, OomscopeError } from '../base/errors.js';
import { execGuestFile, type GuestFile, readGuestFile } from '../lab/exec-file.js';
import { freePort } from '../lab/free-port.js';
import { type Interrupts, watchInterrupts } from '../lab/interrupts.js';
import { DEFAULT_LAB_KERNEL, LAB_KERNEL_NAMES, type LabKernelName } from '../lab/kernels.js';
import { GUEST_PAGE_PORT, playForEver, startLive } from '../lab/live-guest.js';
import { bootMachine, DEFAULT_MEMORY_MIB, type Machine } from '../lab/machine.js';
import { passOn } from '../lab/output.js';
import { type Progress, showProgress } from '../lab/progress.js';
import { DEFAULT_SCENARIO, findScenario, SCENARIOS } from '../lab/scenarios/index.js';
import type { Scenario } from '../lab/scenarios/scenario.js';
import { parsePort } from './option-values.js';

interface LabOptions {
  readonly kernel: LabKernelName;
  readonly list?: true;
  readonly exec?: string;
  readonly append?: string;
  readonly memory: number;
  readonly port: number;
  readonly cgroupV1?: true;
}

/** What one run of the lab does: shows a scenario, runs a file, or both. */
interface LabPlan {
  readonly options: LabOptions;
  readonly scenario: Scenario | null;
  readonly file: GuestFile | null;
  /** Where the page appears; null = there is none. */
  readonly pagePort: number | null;
}

const EXAMPLES = `
Examples:
  oomscope lab                         a leak beside a sidecar, on the newest kernel; page on http://127.0.0.1:7070/
  oomscope lab nested --kernel 6.1     another scenario, on an older kernel
  oomscope lab --exec ./try.sh         runs try.sh as root in the guest and exits with its status
`;

export function labCommand(): Command {
  return new Command('lab')
    .description('Provoke real kills on a real kernel in a virtual machine, and show them. Needs no root.')
    .argument('[scenario]', `what goes wrong (${DEFAULT_SCENARIO.name}); --list tells what there is`)
    .addOption(new Option('--kernel <line>', 'Debian kernel').choices(LAB_KERNEL_NAMES).default(DEFAULT_LAB_KERNEL))
    .option('--list', 'list the scenarios')
    .option('--exec <file>', 'run <file> in the guest, as root, and exit with its status')
    .option('--append <arguments>', "more arguments for the guest's kernel")
    .option(
      '--memory <mib>',
      `memory of the guest in MiB (${DEFAULT_MEMORY_MIB}, or what the scenario wants)`,
      parseMib,
    )
    .option('--port <number>', 'port of the page on this host; 0 = any free one', parsePort, 7070)
    .option('--cgroup-v1', 'the memory controller in cgroup v1, which 6.1 still has')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string | undefined, options: LabOptions) => {
      if (options.list) process.stdout.write(describeScenarios());
      else process.exitCode = await runLab(await plan(name, options));
    });
}

/** What can be refused is refused here, before anything is downloaded or booted. */
async function plan(name: string | undefined, options: LabOptions): Promise<LabPlan> {
  const scenario = name === undefined ? null : findScenario(name);
  if (scenario === undefined) {
    const names = SCENARIOS.map((known) => known.name).join(', ');
    throw new OomscopeError('E_USAGE', `There is no scenario ${name}.`, `Choose one of: ${names}.`, EXIT.usage);
  }
  const file = options.exec === undefined ? null : await readGuestFile(options.exec);
  const shown = scenario ?? (file === null ? DEFAULT_SCENARIO : null);
  return { options, scenario: shown, file, pagePort: shown === null ? null : await freePort(options.port) };
}

/** Resolves with the exit code. The guest is gone by then, whatever happened. */
async function runLab(lab: LabPlan): Promise<number> {
  const progress = showProgress(process.stderr, 'lab: ');
  const interrupts = watchInterrupts();
  let machine: Machine | null = null;
  try {
    machine = await boot(lab, progress, interrupts);
    const lost = machine.lost.then((error) => Promise.reject(error));
    const interrupted = interrupts.happened.then(() => interruptedStatus(lab, interrupts));
    return await Promise.race([useGuest(machine, lab, progress), lost, interrupted]);
  } catch (error) {
    // What is interrupted fails in its own way: why it was is what counts.
    if (interrupts.status() === null) throw error;
    return interruptedStatus(lab, interrupts);
  } finally {
    progress.end();
    await machine?.stop();
    interrupts.release();
  }
}

/** Ctrl-C is how a person ends what only shows; a file that was to run did not run to its end. */
function interruptedStatus(lab: LabPlan, interrupts: Interrupts): number {
  return lab.file === null ? EXIT.ok : (interrupts.status() ?? EXIT.failed);
}

async function boot(lab: LabPlan, progress: Progress, interrupts: Interrupts): Promise<Machine> {
  const { options, pagePort } = lab;
  const machine = await bootMachine({
    kernel: options.kernel,
    memoryMib: options.memory,
    kernelArguments: options.append ?? '',
    cgroupVersion: options.cgroupV1 ? 1 : 2,
    forwards: pagePort === null ? [] : [{ hostPort: pagePort, guestPort: GUEST_PAGE_PORT }],
    progress,
    signal: interrupts.signal,
  });
  progress.note(`Linux ${machine.kernelRelease} is up after ${(machine.bootMs / 1000).toFixed(1)} s`);
  return machine;
}

/** With a file: until it ends, and resolves with its status. Without one: until something fails. */
async function useGuest(machine: Machine, lab: LabPlan, progress: Progress): Promise<number> {
  const output = passOn(machine.agent, process.stdout, process.stderr);
  let shown: Promise<never> | null = null;
  if (lab.scenario !== null) {
    const url = `http://127.0.0.1:${lab.pagePort}`;
    progress.step('starting oomscope in the guest');
    const live = await startLive(machine, url, output);
    progress.note(`${lab.scenario.name}: ${lab.scenario.summary}`);
    progress.note(`It plays again and again; Ctrl-C ends it. The page: ${url}/`);
    const play = playForEver(machine, lab.scenario, (text) => progress.note(text));
    shown = Promise.race([neverEnds(live, 'oomscope live'), neverEnds(play, 'the scenario')]);
    // While a file runs its own end is what counts.
    shown.catch(() => {});
  }
  progress.end();
  if (lab.file !== null) return execGuestFile(machine, lab.file, output);
  return shown ?? EXIT.ok;
}

async function neverEnds(
  process: { readonly exited: Promise<{ readonly status: number }> },
  what: string,
): Promise<never> {
  const { status } = await process.exited;
  throw new OomscopeError(
    'E_LAB_SCENARIO',
    `${what} ended in the guest with status ${status}.`,
    'What it said stands above.',
  );
}

function parseMib(text: string): number {
  // Below, Node and the kernel do not fit; above, a typing error is likelier.
  if (!/^[0-9]{3,6}$/.test(text) || Number(text) < 512) throw new InvalidArgumentError('It must be 512 or more.');
  return Number(text);
}

function describeScenarios(): string {
  const text = SCENARIOS.map(({ name, summary, shows, expected }) => {
    return `${name.padEnd(17)}${summary}\n${''.padEnd(17)}Shows: ${shows}\n${''.padEnd(17)}Expect: ${expected}\n`;
  });
  return text.join('\n');
}
