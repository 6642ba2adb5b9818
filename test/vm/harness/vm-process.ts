import type { GuestProcess } from '../../../src/lab/guest-agent.js';
import { byLine } from '../../../src/lab/output.js';
import type { GuestExit } from '../../../src/lab/protocol.js';

type StartProcess = (handlers: {
  onStdout: (bytes: Buffer) => void;
  onStderr: (bytes: Buffer) => void;
}) => GuestProcess;

interface Waiting {
  readonly matches: (line: string) => boolean;
  readonly resolve: (line: string) => void;
}

/** A command that runs in a guest while the test goes on. */
export class VmProcess {
  /** Every line of its stdout so far. */
  readonly lines: string[] = [];
  stderr = '';
  readonly exited: Promise<GuestExit>;
  readonly #process: GuestProcess;
  readonly #waiting = new Set<Waiting>();

  constructor(start: StartProcess) {
    this.#process = start({
      onStdout: byLine((line) => this.#take(line)),
      onStderr: (bytes) => {
        this.stderr += bytes.toString();
      },
    });
    this.exited = this.#process.exited;
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#process.kill(signal);
  }

  /** The first line of stdout that `matches`, past or to come. */
  async line(matches: (line: string) => boolean, timeoutMs = 60_000): Promise<string> {
    const seen = this.lines.find(matches);
    if (seen !== undefined) return seen;
    let timer: NodeJS.Timeout | undefined;
    let waiting: Waiting | undefined;
    const found = new Promise<string>((resolve) => {
      waiting = { matches, resolve };
      this.#waiting.add(waiting);
    });
    const missed = new Promise<never>((_, reject) => {
      const fail = (why: string) => reject(new Error(`no such line: ${why}.${this.#tail()}`));
      timer = setTimeout(() => fail(`not within ${timeoutMs} ms`), timeoutMs);
      // Its last lines may arrive with its end.
      const onEnd = ({ status }: GuestExit) => setImmediate(() => fail(`it ended with status ${status}`));
      this.exited.then(onEnd, reject);
    });
    try {
      return await Promise.race([found, missed]);
    } finally {
      clearTimeout(timer);
      if (waiting !== undefined) this.#waiting.delete(waiting);
    }
  }

  /** The first line of stdout that holds `text`. */
  lineWith(text: string, timeoutMs?: number): Promise<string> {
    return this.line((line) => line.includes(text), timeoutMs);
  }

  #take(line: string): void {
    this.lines.push(line);
    for (const waiting of this.#waiting) if (waiting.matches(line)) waiting.resolve(line);
  }

  #tail(): string {
    return `\nstdout: ${this.lines.slice(-10).join('\n')}\nstderr: ${this.stderr.slice(-2000)}`;
  }
}
