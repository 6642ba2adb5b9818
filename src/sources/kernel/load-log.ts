import type { NativeError } from './native.js';

/** What libbpf says about a failed load or attachment, made short. Pure. */

/** The program that the load failed at; null = the failure is of the whole object. */
export function failedProgram(log: string): string | null {
  return /^libbpf: prog '([^']+)': (?:BPF program load failed|failed to )/m.exec(log)?.[1] ?? null;
}

/** One line for a person: the errno's name and what the verifier or libbpf said of it, if anything useful. */
export function reasonOf(error: NativeError): string {
  const detail = verifierVerdict(error.log) ?? libbpfComplaint(error.log);
  return detail === null ? `${error.code}, ${error.message}` : `${error.code}, ${detail}`;
}

const LOG_FRAME = /-- (?:BEGIN|END) PROG LOAD LOG --/;

/** The last line of the verifier's log that is not its statistics: there it says why. */
function verifierVerdict(log: string): string | null {
  const [, inside] = log.split(LOG_FRAME);
  const lines = inside?.split('\n').map((line) => line.trim()) ?? [];
  return (
    lines.findLast((line) => line !== '' && !/^(processed \d+ insns|verification time|stack depth)/.test(line)) ?? null
  );
}

/** libbpf's own first line, without the program's name, which the reader knows. */
function libbpfComplaint(log: string): string | null {
  const lines = log.split('\n').map((line) => line.replace(/^libbpf: (prog '[^']+': )?/, '').trim());
  // "permission error while running as root; try raising 'ulimit -l'" is a guess, and wrong since 5.11.
  const told = lines.find((line) => line !== '' && !line.startsWith('permission error while running as root'));
  return told ?? null;
}
