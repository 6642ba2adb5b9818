/** The ways in which a running command is told to end. */
export interface EndRequest {
  /** Resolves at the first of them; with an error where the command has failed. */
  readonly ended: Promise<Error | null>;
  end(error: Error | null): void;
  /** Gives the signals back to Node. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** 128 + SIGINT, as shells have it. */
const INTERRUPTED = 130;

/** Ctrl-C, SIGTERM and a terminal that goes away end the command cleanly; a second Ctrl-C ends it at once. */
export function endRequest(): EndRequest {
  let end: (error: Error | null) => void = () => {};
  let asked = false;
  const ended = new Promise<Error | null>((resolve) => {
    end = resolve;
  });
  const onSignal = (signal: NodeJS.Signals) => {
    if (asked && signal === 'SIGINT') process.exit(INTERRUPTED);
    asked = true;
    end(null);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    ended,
    end,
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
