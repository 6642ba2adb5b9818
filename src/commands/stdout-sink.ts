import { OomscopeError } from '../base/errors.js';
import { BoundedOutput } from '../sinks/bounded-output.js';
import { NdjsonSink } from '../sinks/ndjson.js';
import type { Sink } from '../sinks/sink.js';
import { TextSink } from '../sinks/text/text-sink.js';
import { LiveView } from '../sinks/tty/live-view.js';
import { canRedraw, stdoutStyle } from './terminal.js';
import type { EndRequest } from './until-ended.js';

/** Standard output while a command watches: the sink, and where a line for the person goes. */
export interface StdoutView {
  readonly sink: Sink;
  tell(line: string): void;
}

/** On a terminal a view that is drawn anew, else text or JSON. */
export function stdoutView(options: { readonly json?: true }, request: EndRequest): StdoutView {
  if (options.json || !canRedraw()) {
    // Standard output is for the events alone when a program reads it.
    const out = options.json ? process.stderr : process.stdout;
    return { sink: stdoutSink(options, request), tell: (line) => out.write(`${line}\n`) };
  }
  const output = boundedStdout(request);
  const terminal = { rows: () => process.stdout.rows, write: (text: string) => output.write(text) };
  const view = new LiveView(terminal, stdoutStyle);
  // Whatever ends the process, the shell gets its screen back.
  process.once('exit', () => view.leave());
  return { sink: view, tell: (line) => view.tell(line) };
}

/** Events on standard output, as text or JSON. When its reader goes away the command ends. */
export function stdoutSink(options: { readonly json?: true }, request: EndRequest): Sink {
  const output = boundedStdout(request);
  return options.json ? new NdjsonSink(output) : new TextSink(output, stdoutStyle);
}

function boundedStdout(request: EndRequest): BoundedOutput {
  return new BoundedOutput(process.stdout, {
    onGone: (error) => request.end(error === null ? null : outputError(error)),
  });
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
