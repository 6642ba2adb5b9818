import { type Command, Option } from 'commander';
import { DEFAULT_PIN_DIRECTORY } from '../sources/kernel/pins.js';
import { RECORDING_MODES } from '../sources/kernel/programs.js';
import { KUBE_API_HELP } from './kube-api.js';
import { parseCriSocket, parseIntervalUs, parseRingBytes } from './option-values.js';

/** Adds the options that say how the running kernel is watched. */
export function addKernelOptions(command: Command): Command {
  return command
    .addOption(new Option('--attach <mode>', 'attach in this way only, or fail').choices(RECORDING_MODES))
    .option('--pin-dir <directory>', 'where in a bpffs the kernel side is pinned', DEFAULT_PIN_DIRECTORY)
    .option('--keep-pins', 'go on recording after the end, for the next start to tell')
    .addOption(
      new Option(
        '--cri <socket>',
        "ask the container runtime for names, images, limits; its socket is root's power",
      ).argParser(parseCriSocket),
    )
    .option('--no-pins', 'pin nothing: kills are missed while oomscope does not run')
    .option(
      '--interval <time>',
      'read all cgroups as often as that (else each 1s, and 10ms under pressure)',
      parseIntervalUs,
    )
    .option('--kube-api', KUBE_API_HELP)
    .option('--kills-ring-bytes <bytes>', 'size of the ring for kills, a power of two', parseRingBytes)
    .option('--ballot-ring-bytes <bytes>', 'size of the ring for candidates, a power of two', parseRingBytes);
}
