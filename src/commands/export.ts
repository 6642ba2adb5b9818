import { Command, Option } from 'commander';
import { CsvExporter } from '../report/csv/csv-exporter.js';
import { exportTimeline } from '../report/export-timeline.js';
import type { Exporter } from '../report/exporter.js';
import { ndjsonExporter } from '../report/ndjson.js';
import { PerfettoExporter } from '../report/perfetto/perfetto-exporter.js';
import { type ExportOutput, fileOutput, streamOutput } from './export-output.js';
import { openTraces, progressBar } from './open-traces.js';
import { TraceProblems } from './trace-problems.js';
import { endRequest } from './until-ended.js';

const FORMATS = {
  perfetto: () => new PerfettoExporter(),
  ndjson: ndjsonExporter,
  csv: () => new CsvExporter(),
} as const satisfies Record<string, () => Exporter>;

type Format = keyof typeof FORMATS;

interface ExportOptions {
  readonly to: Format;
  readonly output?: string;
}

export function exportCommand(): Command {
  return new Command('export')
    .description('Write trace files in a format that other tools read.')
    .argument('<file...>', 'traces of one node, or directories of them; several are one')
    .addOption(new Option('--to <format>', 'what to write').choices(Object.keys(FORMATS)).makeOptionMandatory())
    .option('-o, --output <file>', 'where to; it must not exist (default: standard output)')
    .addHelpText('after', HELP)
    .action(runExport);
}

const HELP = `
  perfetto   a trace for https://ui.perfetto.dev
  ndjson     every event a line of JSON, as \`live --json\` prints it
  csv        the series: one row a moment and cgroup

The file has its name when it is whole; one that is interrupted leaves nothing behind. Needs no root, no addon, no Linux.

Examples:
  oomscope export kills.mcap --to perfetto -o kills.perfetto-trace
  oomscope export kills.mcap --to csv -o kills.csv
  oomscope export traces/ --to ndjson | jq -c 'select(.topic == "/oom/victim")'
`;

async function runExport(paths: readonly string[], { to, output: path }: ExportOptions): Promise<void> {
  const files = await openTraces(paths);
  const request = endRequest();
  const progress = progressBar();
  try {
    const output = path === undefined ? streamOutput(process.stdout, request.ended) : await fileOutput(path);
    const problems = new TraceProblems();
    for (const problem of files.problems) problems.tell(problem);
    let interrupted = false;
    void request.ended.then(() => {
      interrupted = true;
    });
    try {
      const steps = exportTimeline(files.timeline, FORMATS[to](), (problem) => problems.tell(problem));
      for await (const { piece, share } of steps) {
        await output.write(piece);
        if (interrupted || output.isGone) break;
        progress.show('exporting', share);
      }
      if (interrupted) await giveUp(output);
      else await output.finish();
    } catch (error) {
      await output.abandon();
      throw error;
    }
  } finally {
    progress.end();
    request.release();
    await files.close();
  }
}

/** 128 + SIGINT, as shells have it. */
const INTERRUPTED = 130;

async function giveUp(output: ExportOutput): Promise<void> {
  await output.abandon();
  process.stderr.write('oomscope: interrupted: what was written so far is not whole.\n');
  // A reader that never read would hold the process.
  if (process.stdout.writableLength > 0) process.exit(INTERRUPTED);
  process.exitCode = INTERRUPTED;
}
