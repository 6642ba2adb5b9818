import type { ProblemList } from './problem.js';

/** A kernel line has at most 1 KiB, a console's whole output as one string of JSON 64 KiB. What is longer is no log line: its rest is dropped. */
export const MAX_LINE_LENGTH = 256 * 1024;

/**
 * Cuts chunks of UTF-8 into lines and numbers them. Holds at most one line of MAX_LINE_LENGTH; bytes that are not UTF-8
 * read as U+FFFD. What PowerShell has written is UTF-16, told by its byte order mark. A line ends at LF; the CR of CRLF is taken off, and so is a byte order mark at the start.
 */
export class LineSplitter {
  /** Null = nothing was read yet. */
  #decoder: InstanceType<typeof TextDecoder> | null = null;
  readonly #onLine: (line: string, lineNumber: number) => void;
  readonly #problems: ProblemList;
  #rest = '';
  #lineNumber = 0;
  /** The current line is longer than the limit, and its beginning was already handed on. */
  #skipping = false;

  constructor(onLine: (line: string, lineNumber: number) => void, problems: ProblemList) {
    this.#onLine = onLine;
    this.#problems = problems;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#decoder ??= new TextDecoder(encodingOf(chunk));
    this.#cut(this.#decoder.decode(chunk, { stream: true }));
  }

  /** Hands on the last line, if it has no LF. */
  end(): void {
    this.#cut(this.#decoder?.decode() ?? '');
    if (this.#rest !== '' && !this.#skipping) this.#take(this.#rest);
    this.#rest = '';
  }

  get linesRead(): number {
    return this.#lineNumber;
  }

  #cut(text: string): void {
    let from = 0;
    for (let lf = text.indexOf('\n'); lf >= 0; lf = text.indexOf('\n', from)) {
      this.#finishLine(this.#rest + text.slice(from, lf));
      this.#rest = '';
      from = lf + 1;
    }
    this.#rest += text.slice(from);
    if (this.#rest.length > MAX_LINE_LENGTH) {
      if (!this.#skipping) this.#takeLong(this.#rest);
      this.#skipping = true;
      this.#rest = '';
    }
  }

  #finishLine(line: string): void {
    if (this.#skipping) this.#skipping = false;
    else if (line.length > MAX_LINE_LENGTH) this.#takeLong(line);
    else this.#take(line);
  }

  #takeLong(line: string): void {
    this.#problems.add(this.#lineNumber + 1, `a line of at most ${MAX_LINE_LENGTH} characters`, line);
    this.#take(line.slice(0, MAX_LINE_LENGTH));
  }

  #take(line: string): void {
    this.#lineNumber++;
    this.#onLine(line.endsWith('\r') ? line.slice(0, -1) : line, this.#lineNumber);
  }
}

/** By the byte order mark. One that comes in two chunks is not seen: no reader makes chunks of one byte. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
