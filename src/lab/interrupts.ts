import { constants } from 'node:os';

/** Ctrl-C, SIGTERM, a terminal or a reader that went away: whatever asks the lab to end. */
export interface Interrupts {
  /** Aborts what is under way. */
  readonly signal: AbortSignal;
  /** Resolves with 128 + n when signal n came. Never rejects. */
  readonly happened: Promise<number>;
  /** The same at any time; null = not asked yet. */
  status(): number | null;
  /** Gives the signals back to Node. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function watchInterrupts(): Interrupts {
  const controller = new AbortController();
  let status: number | null = null;
  let tell: (status: number) => void = () => {};
  const happened = new Promise<number>((resolve) => {
    tell = resolve;
  });
  const interrupt = (signal: NodeJS.Signals) => {
    const asked = 128 + constants.signals[signal];
    // A second Ctrl-C does not wait: the guest dies with this process.
    if (status !== null && signal === 'SIGINT') process.exit(asked);
    status ??= asked;
    controller.abort();
    tell(status);
  };
  // `| head` has read enough.
  const onOutputError = () => interrupt('SIGPIPE');
  for (const signal of SIGNALS) process.on(signal, interrupt);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onOutputError);
  return {
    signal: controller.signal,
    happened,
    status: () => status,
    release() {
      for (const signal of SIGNALS) process.off(signal, interrupt);
      for (const stream of [process.stdout, process.stderr]) stream.off('error', onOutputError);
    },
  };
}
