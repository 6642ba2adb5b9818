import type { OomscopeError } from '../base/errors.js';

const MAX_PROBLEMS = 20;

/** What of a trace cannot be read, a line each; a file that is damaged all over does not flood the screen. */
export class TraceProblems {
  readonly #told = new Set<string>();

  tell(problem: OomscopeError): void {
    const line = problem.toLine();
    if (this.#told.has(line) || this.#told.size > MAX_PROBLEMS) return;
    this.#told.add(line);
    process.stderr.write(this.#told.size > MAX_PROBLEMS ? 'oomscope: … and more of this kind.\n' : `${line}\n`);
  }
}
