import { Command, Option } from 'commander';
import { OomscopeError } from '../base/errors.js';
import { TOPICS } from '../events/registry.js';
import { Pipeline } from '../pipeline/pipeline.js';
import { BoundedOutput } from '../sinks/bounded-output.js';
import { NdjsonSink } from '../sinks/ndjson.js';
import type { Sink } from '../sinks/sink.js';
import { TextSink } from '../sinks/text/text-sink.js';
import { startWebServer, type WebServer } from '../sinks/websocket/server.js';
import { KernelSource } from '../sources/kernel/kernel-source.js';
import { loadAddon } from '../sources/kernel/native.js';
import { refuseSecondInstance } from '../sources/kernel/other-instance.js';
import { DEFAULT_PIN_DIRECTORY } from '../sources/kernel/pins.js';
import { RECORDING_MODES } from '../sources/kernel/programs.js';
import { kernelSourceOptions, type LiveOptions } from './live-options.js';
import { parsePort, parseRingBytes } from './option-values.js';
import { stdoutStyle } from './terminal.js';
import { type EndRequest, endRequest } from './until-ended.js';

export function liveCommand(): Command {
  return new Command('live')
    .description('Record the kills of the running kernel, and show them in a browser and as text.')
    .option('--json', 'print one event a line as JSON, the first one /session, instead of text')
    .option('--port <number>', 'port of the page; 0 = any free one', parsePort, 7070)
    .option('--host <address>', 'loopback address of the page', '127.0.0.1')
    .option('--public-url <url>', 'where people reach the page when its port is forwarded')
    .option('--no-server', 'serve no page')
    .addOption(new Option('--attach <mode>', 'attach in this way only, or fail').choices(RECORDING_MODES))
    .option('--pin-dir <directory>', 'where in a bpffs the kernel side is pinned', DEFAULT_PIN_DIRECTORY)
    .option('--keep-pins', 'go on recording after the end, for the next start to tell')
    .option('--no-pins', 'pin nothing: kills are missed while oomscope does not run')
    .option('--kills-ring-bytes <bytes>', 'size of the ring for kills, a power of two', parseRingBytes)
    .option('--ballot-ring-bytes <bytes>', 'size of the ring for candidates, a power of two', parseRingBytes)
    .addHelpText('after', HELP)
    .action(runLive);
}

const HELP = `
Topics of --json (docs/events.md tells every field):
${Object.entries(TOPICS)
  .map(([topic, { about }]) => `  ${topic.padEnd(14)}${about}`)
  .join('\n')}

Examples:
  sudo oomscope live                        the page on http://127.0.0.1:7070/, text here
  sudo oomscope live --json | jq -c 'select(.topic == "/oom/episode") | .choice'
`;

/** Order: what can be refused without a trace comes first, so that a refusal leaves nothing behind. */
async function runLive(options: LiveOptions): Promise<void> {
  const addon = loadAddon();
  kernelSourceOptions(options, addon.pageBytes, null);
  if (options.pins) refuseSecondInstance(options.pinDir);
  const request = endRequest();
  try {
    const server = options.server ? await startWebServer(options) : null;
    const source = new KernelSource(kernelSourceOptions(options, addon.pageBytes, server?.url ?? null));
    const sinks = [stdoutSink(options, request), ...(server === null ? [] : [server])];
    const pipeline = new Pipeline(source, sinks, (error) => request.end(asError(error)));
    await pipeline.start();
    tellWhereThePageIs(server, options);
    const failure = await request.ended;
    await pipeline.stop();
    if (failure !== null) throw failure;
  } finally {
    request.release();
  }
  // A reader that never read would hold the process: its pipe is full and was given its time.
  if (process.stdout.writableLength > 0) process.exit(0);
}

function stdoutSink(options: LiveOptions, request: EndRequest): Sink {
  const output = new BoundedOutput(process.stdout, {
    onGone: (error) => request.end(error === null ? null : outputError(error)),
  });
  return options.json ? new NdjsonSink(output) : new TextSink(output, stdoutStyle);
}

function outputError(error: Error): OomscopeError {
  return new OomscopeError(
    'E_OUTPUT',
    `Standard output cannot be written (${error.message}).`,
    'Make room, or send the output elsewhere.',
    undefined,
    { cause: error },
  );
}

function tellWhereThePageIs(server: WebServer | null, options: LiveOptions): void {
  const where = server === null ? 'Watching, without a page.' : `Watching. The page: ${server.url}`;
  // Standard output is for the events alone when a program reads it.
  (options.json ? process.stderr : process.stdout).write(`${where}  (Ctrl-C ends)\n`);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
