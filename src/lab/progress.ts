/** Tells a person who waits what is going on. */
export interface Progress {
  /** What is being done now. Replaces the step before. */
  step(text: string): void;
  /** A fact that stays on the screen. */
  note(text: string): void;
  /** Clears the line of the last step. */
  end(): void;
}

export const SILENT: Progress = { step: () => {}, note: () => {}, end: () => {} };

const REDRAW_MS = 500;

/** On a terminal one line that counts the seconds; otherwise a line for each new step. */
export function showProgress(stream: NodeJS.WriteStream, prefix: string): Progress {
  return stream.isTTY ? liveLine(stream, prefix) : plainLines(stream, prefix);
}

function liveLine(stream: NodeJS.WriteStream, prefix: string): Progress {
  let current = '';
  let startedMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const clear = () => stream.write('\r\x1b[K');
  const draw = () => {
    const seconds = Math.floor((Date.now() - startedMs) / 1000);
    const elapsed = ` … ${seconds} s`;
    const room = (stream.columns || 80) - 1 - elapsed.length;
    stream.write(`\r\x1b[K${`${prefix}${current}`.slice(0, Math.max(room, 0))}${elapsed}`);
  };
  return {
    step(text) {
      if (kindOf(text) !== kindOf(current)) startedMs = Date.now();
      current = text;
      draw();
      timer ??= setInterval(draw, REDRAW_MS).unref();
    },
    note(text) {
      clear();
      stream.write(`${prefix}${text}\n`);
      if (timer !== undefined) draw();
    },
    end() {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      current = '';
      clear();
    },
  };
}

function plainLines(stream: NodeJS.WriteStream, prefix: string): Progress {
  let last = '';
  return {
    step(text) {
      // "downloading x: 3 of 80 MiB" counts on; one line of it is enough in a log.
      if (kindOf(text) === last) return;
      last = kindOf(text);
      stream.write(`${prefix}${text}\n`);
    },
    note: (text) => stream.write(`${prefix}${text}\n`),
    end: () => {},
  };
}

function kindOf(text: string): string {
  return text.split(': ', 1)[0] ?? text;
}
