#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EXIT, OomscopeError } from './base/errors.js';
import { VERSION } from './base/version.js';

/** Commands are imported when they are asked for: `--version` must not load the addon, nor wait for a server. */
const COMMANDS: readonly { readonly name: string; readonly about: string; load(): Promise<Command> }[] = [
  {
    name: 'live',
    about: 'record the kills of the running kernel, and show them',
    load: async () => (await import('./commands/live.js')).liveCommand(),
  },
  {
    name: 'record',
    about: 'record the kills of the running kernel into a trace file',
    load: async () => (await import('./commands/record.js')).recordCommand(),
  },
  {
    name: 'replay',
    about: 'play trace files as if it happened now',
    load: async () => (await import('./commands/replay.js')).replayCommand(),
  },
  {
    name: 'export',
    about: 'write trace files in a format that other tools read',
    load: async () => (await import('./commands/export.js')).exportCommand(),
  },
  {
    name: 'rank',
    about: 'say who dies next, on the node and in each cgroup with a limit',
    load: async () => (await import('./commands/rank.js')).rankCommand(),
  },
  {
    name: 'ledger',
    about: "add up this node's memory, and say how far kubelet's eviction lines are",
    load: async () => (await import('./commands/ledger.js')).ledgerCommand(),
  },
  {
    name: 'explain',
    about: 'say who was killed, why, and who is to blame, with the evidence',
    load: async () => (await import('./commands/explain.js')).explainCommand(),
  },
  {
    name: 'import',
    about: 'read OOM kills out of a kernel log',
    load: async () => (await import('./commands/import.js')).importCommand(),
  },
  {
    name: 'lab',
    about: 'provoke real kills on a real kernel in a virtual machine, and show them',
    load: async () => (await import('./commands/lab.js')).labCommand(),
  },
  {
    name: 'doctor',
    about: 'tell what this host allows, and what is missing and why',
    load: async () => (await import('./commands/doctor.js')).doctorCommand(),
  },
];

const HELP = `
Examples:
  oomscope doctor            what would be recorded on this host
  sudo oomscope live         watch this host, page on http://127.0.0.1:7070/
  oomscope lab sidecar       no root: a kill in a virtual machine

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 this host cannot.
`;

async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('oomscope')
    .description('Shows who the Linux kernel kills, why that one, and who is really to blame.')
    .version(VERSION)
    .addHelpText('after', HELP);
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  const wanted = first === 'help' ? second : first;
  for (const { name, about, load } of COMMANDS) {
    program.addCommand(name === wanted ? await load() : new Command(name).description(about));
  }
  for (const command of [program, ...program.commands]) {
    const usage = command === program ? 'oomscope' : `oomscope ${command.name()}`;
    command.exitOverride().configureOutput({ outputError: (text, write) => write(usageLine(text, usage)) });
  }
  return program;
}

/** Commander's "error: unknown option '--prot'\n(Did you mean --port?)\n" as one line of ours. */
function usageLine(text: string, usage: string): string {
  const message = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ');
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.?)]$/.test(message) ? '' : '.'}`;
  return `oomscope: E_USAGE: ${sentence} See \`${usage} --help\`.\n`;
}

/** Prints what went wrong and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and version that were asked for have exit code 0; everything else was printed as E_USAGE.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (error instanceof OomscopeError) {
    process.stderr.write(`${error.toLine()}\n`);
    return error.exitCode;
  }
  const internal = new OomscopeError(
    'E_INTERNAL',
    `${error instanceof Error ? error.message : String(error)}.`,
    'This is a bug in oomscope: OOMSCOPE_DEBUG=1 shows where. Please report it.',
    EXIT.failed,
    { cause: error },
  );
  process.stderr.write(`${internal.toLine()}\n`);
  if (process.env['OOMSCOPE_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return internal.exitCode;
}

/** The reader may go at any time: `oomscope --help | head`. What watches its output itself ends in its own way. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (process.stdout.listenerCount('error') === 1) process.exit(error.code === 'EPIPE' ? EXIT.ok : report(error));
});

try {
  const program = await buildProgram(process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
