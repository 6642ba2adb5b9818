import { Command } from 'commander';
import { addKernelOptions } from './kernel-options.js';
import { type WatchOptions, watchKernel } from './watch-kernel.js';

export function recordCommand(): Command {
  const command = new Command('record')
    .description('Record the kills of the running kernel into a trace file, and tell them as text.')
    .argument('<file>', 'the trace, as a rule FILE.mcap; it must not exist')
    .option('--json', 'print one event a line as JSON, the first one /session, instead of text')
    .option('--redact', 'in the file, replace the names of processes and cgroups');
  return addKernelOptions(command)
    .addHelpText('after', HELP)
    .action((file: string, options: Omit<WatchOptions, 'server' | 'host' | 'port'>) =>
      // Without a server nothing listens, so host and port mean nothing.
      watchKernel({ ...options, recordFile: file, server: false, host: '', port: 0 }),
    );
}

const HELP = `
The file is complete up to the last second whatever happens to oomscope. When the disk is full the recording stops and
says so; when there is room again it goes on in FILE-2.mcap. Who may read the file sees names of processes and cgroups.

Examples:
  sudo oomscope record kills.mcap
  oomscope replay kills.mcap
`;
