import { Command } from 'commander';
import { OomscopeError } from '../base/errors.js';
import { Pipeline } from '../pipeline/pipeline.js';
import { FlightRecorder } from '../sinks/flight-recorder.js';
import { startWebServer, type WebServer } from '../sinks/websocket/server.js';
import { ReplaySource } from '../sources/replay/replay-source.js';
import { incidentFileMaker } from './incident-file.js';
import { openTraces } from './open-traces.js';
import { parseSpeed } from './option-values.js';
import { replayFromUs } from './replay-from.js';
import { addServerOptions, type ServerOptions } from './server-options.js';
import { stdoutSink } from './stdout-sink.js';
import { TraceProblems } from './trace-problems.js';
import { endRequest } from './until-ended.js';

interface ReplayCommandOptions extends ServerOptions {
  readonly speed?: number;
  readonly from?: string;
  readonly json?: true;
  readonly server: boolean;
}

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('Play trace files as if it happened now: the page and the text are those of `live`.')
    .argument('<file...>', 'traces of one node, or directories of them; several play as one')
    .option('--speed <number>', '0.1 to 100, or max (default: 1; max with --no-server)', parseSpeed)
    .option('--from <time>', 'begin there: next-kill, +90s, 14:03:20 or 2026-11-23T14:03:20Z')
    .option('--json', 'print one event a line as JSON, the first one /session, instead of text')
    .option('--no-server', 'serve no page, and end with the last event');
  return addServerOptions(command).addHelpText('after', HELP).action(runReplay);
}

const HELP = `
Needs no root, no addon and no Linux.

Examples:
  oomscope replay kills.mcap                          the page on http://127.0.0.1:7070/, text here
  oomscope replay traces/ --from next-kill --speed 10
  oomscope replay kills.mcap --no-server --json | jq -c 'select(.topic == "/oom/episode") | .choice'
`;

async function runReplay(paths: readonly string[], options: ReplayCommandOptions): Promise<void> {
  const files = await openTraces(paths);
  const problems = new TraceProblems();
  for (const problem of files.problems) problems.tell(problem);
  const request = endRequest();
  let ended = false;
  void request.ended.then(() => {
    ended = true;
  });
  try {
    const fromUs = options.from === undefined ? null : await replayFromUs(options.from, files.timeline);
    let server: WebServer | null = null;
    const source = new ReplaySource(files, {
      fromUs,
      speed: options.speed ?? (options.server ? 1 : Number.POSITIVE_INFINITY),
      onProblem: (problem) => problems.tell(problem),
      onState: () => server?.replayChanged(),
      onEnd: () => onEnd(options, () => request.end(null)),
      onFailure: (error) => request.end(asError(error)),
      ready: () => outputTakesMore(() => ended),
    });
    if (options.server) {
      const past = new FlightRecorder();
      server = await startWebServer({ ...options, replay: source, makeFile: incidentFileMaker(past) }, past);
    }
    const sinks = [stdoutSink(options, request), ...(server === null ? [] : [server])];
    const pipeline = new Pipeline(source, sinks, (error) => request.end(asError(error)));
    if (server !== null) tell(`Replaying. The page: ${server.url}  (Ctrl-C ends)`, options);
    await pipeline.start();
    const failure = await request.ended;
    await pipeline.stop();
    if (failure !== null) throw failure;
  } finally {
    request.release();
    await files.close();
  }
  // A reader that never read would hold the process: its pipe is full and was given its time.
  if (process.stdout.writableLength > 0) process.exit(0);
}

function onEnd(options: ReplayCommandOptions, end: () => void): void {
  if (options.server) tell('The trace has ended; the page stays until Ctrl-C.', options);
  else end();
}

/** Standard output is for the events alone when a program reads it. */
function tell(line: string, options: ReplayCommandOptions): void {
  (options.json ? process.stderr : process.stdout).write(`${line}\n`);
}

const OUTPUT_FULL_BYTES = 1024 * 1024;
const OUTPUT_POLL_MS = 5;

/** A replay can wait for a slow reader, so nothing is dropped. */
async function outputTakesMore(isOver: () => boolean): Promise<void> {
  while (process.stdout.writableLength > OUTPUT_FULL_BYTES && !isOver()) {
    await new Promise((resolve) => setTimeout(resolve, OUTPUT_POLL_MS));
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new OomscopeError('E_INTERNAL', String(error), 'Please report it.');
}
