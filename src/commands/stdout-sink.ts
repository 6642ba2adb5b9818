import { OomscopeError } from '../base/errors.js';
import { BoundedOutput } from '../sinks/bounded-output.js';
import { NdjsonSink } from '../sinks/ndjson.js';
import type { Sink } from '../sinks/sink.js';
import { TextSink } from '../sinks/text/text-sink.js';
import { stdoutStyle } from './terminal.js';
import type { EndRequest } from './until-ended.js';

/** Events on standard output, as text or JSON. When its reader goes away the command ends. */
export function stdoutSink(options: { readonly json?: true }, request: EndRequest): Sink {
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
