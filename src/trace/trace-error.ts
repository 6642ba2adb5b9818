import { type ErrorCode, OomscopeError } from '../base/errors.js';

/** What is wrong with a trace file, and where in it. */
export class TraceError extends OomscopeError {
  constructor(
    code: ErrorCode,
    readonly fileName: string,
    readonly atByte: number,
    message: string,
    nextStep: string,
    options?: ErrorOptions,
  ) {
    super(code, message, nextStep, undefined, options);
    this.name = 'TraceError';
  }
}

export function notATrace(fileName: string, atByte: number, why: string): TraceError {
  return new TraceError(
    'E_NOT_A_TRACE',
    fileName,
    atByte,
    `${fileName} is no trace of oomscope: ${why} (byte ${atByte}).`,
    'Give a file that `oomscope record` or `oomscope live --record` has written; for a kernel log use `oomscope import`.',
  );
}

export function damaged(fileName: string, atByte: number, what: string, cause?: unknown): TraceError {
  return new TraceError(
    'E_TRACE_DAMAGED',
    fileName,
    atByte,
    `${fileName} is damaged at byte ${atByte}: ${what}.`,
    'Use another copy of it, if there is one; the rest of this one is still read.',
    cause === undefined ? undefined : { cause },
  );
}

export function cutOff(fileName: string, atByte: number, what: string): TraceError {
  return new TraceError(
    'E_TRACE_CUT_OFF',
    fileName,
    atByte,
    `${fileName} was never closed: it ends at byte ${atByte}, ${what}.`,
    'All before that is read; at most about the last second of the recording is missing.',
  );
}

export function unsupported(fileName: string, atByte: number, what: string, nextStep: string): TraceError {
  return new TraceError('E_TRACE_UNSUPPORTED', fileName, atByte, `${fileName}: ${what} (byte ${atByte}).`, nextStep);
}

export function tooNew(fileName: string, version: number, known: number, needs: string, atByte: number): TraceError {
  return new TraceError(
    'E_TRACE_TOO_NEW',
    fileName,
    atByte,
    `${fileName} has schema version ${version}; this oomscope reads up to ${known} (byte ${atByte}).`,
    `Read it with oomscope ${needs} or newer.`,
  );
}
