import { SILENT, showProgress } from '../lab/progress.js';
import { type OpenTimeline, openTimeline } from '../sources/replay/open-timeline.js';

/** A file that was closed opens at once; one without its index is walked through, which a person may have to wait for. */
export async function openTraces(paths: readonly string[]): Promise<OpenTimeline> {
  const progress = progressBar();
  try {
    return await openTimeline(paths, (doneBytes, totalBytes, path) => {
      progress.show(`reading ${path}`, doneBytes / totalBytes);
    });
  } finally {
    progress.end();
  }
}

export interface ProgressBar {
  /** `share` is 0 to 1. */
  show(what: string, share: number): void;
  end(): void;
}

/** On a terminal, for work that takes longer than a person notices; elsewhere none. */
export function progressBar(): ProgressBar {
  const progress = process.stderr.isTTY ? showProgress(process.stderr, 'oomscope: ') : SILENT;
  const sinceMs = performance.now();
  return {
    show(what, share) {
      if (performance.now() - sinceMs >= PATIENCE_MS) progress.step(`${what}: ${bar(share)}`);
    },
    end: () => progress.end(),
  };
}

const PATIENCE_MS = 300;
const BAR_CELLS = 20;

function bar(share: number): string {
  const full = Math.round(share * BAR_CELLS);
  return `${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)} ${Math.floor(share * 100)} %`;
}
