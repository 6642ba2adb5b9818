/** CLI exit codes. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unsupportedHost: 3 } as const;

/**
 * An error a person can act on. `code` is stable and documented in docs/errors.md; `message` says what was tried and
 * what it means in one line; `nextStep` says what to do.
 */
export class OomscopeError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly nextStep: string,
    readonly exitCode: number = EXIT.failed,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'OomscopeError';
  }

  /** The one line that a command prints on stderr. */
  toLine(): string {
    return `oomscope: ${this.code}: ${this.message} ${this.nextStep}`;
  }
}

/** Every code there is, each explained in docs/errors.md. Never rename one: scripts and people search for them. */
export const ERROR_CODES = [
  'E_USAGE',
  'E_NOT_LINUX',
  'E_NO_ADDON',
  'E_NOT_PRIVILEGED',
  'E_NO_BPF',
  'E_NO_BTF',
  'E_NO_BPFFS',
  'E_NO_ATTACH',
  'E_ATTACH_FORCED',
  'E_ALREADY_RUNNING',
  'E_STALE_PINS',
  'E_PORT_TAKEN',
  'E_BAD_ADDRESS',
  'E_OUTPUT',
  'E_BAD_MESSAGE',
  'E_BAD_ORIGIN',
  'E_BAD_HOST',
  'E_NO_TOKEN',
  'E_BAD_TOKEN',
  'E_TOO_MANY_ATTEMPTS',
  'E_NO_TLS',
  'E_BAD_TLS',
  'E_SLOW_CLIENT',
  'E_TOO_MANY_CLIENTS',
  'E_NO_KUBE_API',
  'E_NO_PAGE',
  'E_NO_QEMU',
  'E_NO_KERNEL_PACKAGE',
  'E_LAB_BOOT',
  'E_LAB_LOST',
  'E_LAB_SCENARIO',
  'E_FILE_UNREADABLE',
  'E_FILE_EXISTS',
  'E_FILE_UNWRITABLE',
  'E_NOT_A_TRACE',
  'E_TRACE_TOO_NEW',
  'E_TRACE_DAMAGED',
  'E_TRACE_CUT_OFF',
  'E_TRACE_UNSUPPORTED',
  'E_TRACE_MIXED',
  'E_NO_INCIDENT',
  'E_CRI_UNREACHABLE',
  'E_CRI_SLOW',
  'E_CRI_BAD_ANSWER',
  'E_IMPORT_NOTHING',
  'E_IMPORT_UNREADABLE',
  'E_INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What was thrown, in words: also where it is no Error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
