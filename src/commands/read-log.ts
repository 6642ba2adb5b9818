import { OomscopeError } from '../base/errors.js';
import { visible } from '../base/escape.js';
import { formatCount } from '../base/units.js';
import { VERSION } from '../base/version.js';
import type { OomscopeEvent } from '../events/event.js';
import { LogImport } from '../kernel-log/log-import.js';
import type { LogSummary } from '../kernel-log/log-reader.js';
import type { LogInput } from '../sources/log/log-input.js';
import { progressBar } from './open-traces.js';

/** Where the events of a log go. A part is one boot of one host. */
export interface LogOutput {
  write(part: number, events: readonly OomscopeEvent[]): Promise<void>;
  endPart(part: number): Promise<void>;
  /** Nobody wants more. */
  readonly isGone: boolean;
}

/** Events of a part, or its end. */
type Step = { readonly part: number; readonly events: readonly OomscopeEvent[] | null };

/** Reads on until the end, or until nobody wants more. A log that breaks off is imported up to there. */
export async function importLog(
  input: LogInput,
  output: LogOutput,
): Promise<{ readonly summary: LogSummary; readonly failure: OomscopeError | null }> {
  const steps: Step[] = [];
  const log = new LogImport(
    {
      events: (part, events) => steps.push({ part, events }),
      end: (part) => steps.push({ part, events: null }),
    },
    { notAfterUs: input.notAfterUs, utcOffsetMinutes: (writtenMs) => -localOffsetMinutes(writtenMs) },
    VERSION,
  );
  const write = async () => {
    for (const { part, events } of steps.splice(0)) {
      await (events === null ? output.endPart(part) : output.write(part, events));
    }
  };
  const progress = progressBar();
  let failure: OomscopeError | null = null;
  try {
    for await (const chunk of input.chunks) {
      log.push(chunk);
      await write();
      if (input.sizeBytes !== null) progress.show('importing', input.doneBytes() / Math.max(1, input.sizeBytes));
      if (output.isGone) break;
    }
  } catch (error) {
    if (!(error instanceof OomscopeError) || error.code !== 'E_IMPORT_UNREADABLE') throw error;
    failure = error;
  } finally {
    progress.end();
  }
  const summary = log.end();
  await write();
  return { summary, failure };
}

/** West of UTC, at a time of day as it is written here. */
function localOffsetMinutes(writtenMs: number): number {
  return new Date(writtenMs).getTimezoneOffset();
}

const MAX_PROBLEMS = 20;

/** What could not be read, a line each; a log that is damaged all over does not flood the screen. */
export function tellProblems({ problems, firstProblems }: LogSummary): void {
  for (const { lineNumber, expected, found } of firstProblems.slice(0, MAX_PROBLEMS)) {
    const message = `Line ${lineNumber}: expected ${expected}, found "${visible(found)}".`;
    process.stderr.write(`oomscope: E_IMPORT_UNREADABLE: ${message} The rest is imported.\n`);
  }
  const more = problems - Math.min(problems, MAX_PROBLEMS);
  if (more > 0) process.stderr.write(`oomscope: … and ${formatCount(more)} more lines like these.\n`);
}
