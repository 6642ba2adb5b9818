import { Command } from 'commander';
import { visible } from '../base/escape.js';
import { plural } from '../base/units.js';
import { openLog } from '../sources/log/log-input.js';
import { loadZstd } from '../trace/zstd-wasm.js';
import { streamOutput } from './export-output.js';
import { nothingFound } from './import-nothing.js';
import { type ImportOutput, printedOutput, traceOutput } from './import-output.js';
import { importLog, tellProblems } from './read-log.js';
import { stdoutStyle } from './terminal.js';
import { type EndRequest, endRequest } from './until-ended.js';

interface ImportOptions {
  readonly output?: string;
  readonly json?: true;
}

export function importCommand(): Command {
  return new Command('import')
    .description('Read OOM kills out of a kernel log, and tell them as `live` would.')
    .argument('<file>', 'the log, also packed with gzip; - = standard input')
    .option('-o, --output <file>', 'write a trace, which replay, export and the page open; it must not exist')
    .option('--json', 'print one event a line as JSON, the first one /session, instead of text')
    .addHelpText('after', HELP)
    .action(runImport);
}

const HELP = `
Reads dmesg, journalctl -k, syslog, /dev/kmsg and serial consoles, of Linux 3.10 and later. A log says less than a recording:
ballots are recomputed from its task table, and what is not known is said. Needs no root, no addon and no Linux.

Examples:
  dmesg | oomscope import -
  journalctl -k -b -1 -o json | oomscope import - -o yesterday.mcap
  oomscope import /var/log/kern.log.2.gz --json | jq -c 'select(.topic == "/oom/episode") | .choice'
`;

async function runImport(path: string, options: ImportOptions): Promise<void> {
  const input = await openLog(path);
  const request = endRequest();
  const output = await outputOf(options, request);
  // At once: a standard input that nobody ends would hold the process.
  void request.ended.then(() => giveUp(output));
  try {
    const { summary, failure } = await importLog(input, output);
    tellProblems(summary);
    if (summary.reports === 0) throw failure ?? nothingFound(input.name, summary);
    await output.finish();
    process.stderr.write(`oomscope: ${plural(summary.reports, 'OOM report')} in ${plural(summary.lines, 'line')}.\n`);
    if (failure !== null) throw failure;
  } catch (error) {
    await output.abandon();
    throw error;
  } finally {
    request.release();
  }
}

async function outputOf({ output: path, json }: ImportOptions, request: EndRequest): Promise<ImportOutput> {
  const printed = () =>
    printedOutput(streamOutput(process.stdout, request.ended), json === true ? { json } : stdoutStyle());
  if (path === undefined) return printed();
  const { pack } = await loadZstd();
  return traceOutput(path, pack, ({ path: written, hostname, kills }) => {
    const host = hostname === null ? '' : ` of ${visible(hostname)}`;
    process.stdout.write(`${written}: ${plural(kills, 'kill')}${host}\n`);
  });
}

/** 128 + SIGINT, as shells have it. */
const INTERRUPTED = 130;

async function giveUp(output: ImportOutput): Promise<void> {
  await output.abandon();
  process.stderr.write('oomscope: interrupted: what was told so far is not all.\n');
  process.exit(INTERRUPTED);
}
