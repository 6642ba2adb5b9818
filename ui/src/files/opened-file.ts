import { OomscopeError } from '../../../src/base/errors.js';
import { plural } from '../../../src/base/units.js';
import { Store } from '../state/store.js';
import { TimeStore } from '../time/time-store.js';
import type { Playback } from './playback.js';

/** A file, or several of one node, shown instead of what is live. */
export interface OpenedFile {
  readonly name: string;
  readonly store: Store;
  readonly time: TimeStore;
  readonly playback: Playback;
  close(): void;
}

/** Where the page stands with a file that a person gave it. What is shown stays until the file is open. */
export type Opening =
  | { readonly kind: 'none' }
  | { readonly kind: 'opening'; readonly name: string; readonly share: number | null }
  | { readonly kind: 'failed'; readonly name: string; readonly reason: string };

/** Opens files with code that is loaded only now. `tell` hears how it goes on, `show` gets what was opened. */
export async function openFiles(
  files: readonly File[],
  tell: (opening: Opening) => void,
  show: (file: OpenedFile) => void,
): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const name = files.length === 1 ? first.name : plural(files.length, 'file');
  tell({ kind: 'opening', name, share: null });
  try {
    const { TracePlayback } = await import('./trace-playback.js');
    const store = new Store();
    // Before the player begins: what it tells is of a film, whose timelines are read apart.
    store.apply({ kind: 'file', name });
    const playback = await TracePlayback.open(
      files,
      {
        feed: store.feed,
        more: () => store.touch(),
        restart: (events) => store.apply({ kind: 'restart', events }),
        emit: (events) => store.apply({ kind: 'items', items: events.map((event) => ({ kind: 'event', event })) }),
        problem: (line) => store.apply({ kind: 'problem', line }),
      },
      (done, total) => tell({ kind: 'opening', name, share: done / total }),
    );
    const time = new TimeStore();
    time.setView({ kind: 'follow', lengthMs: Number.POSITIVE_INFINITY });
    tell({ kind: 'none' });
    show({ name, store, time, playback, close: () => void playback.close() });
  } catch (error) {
    tell({ kind: 'failed', name, reason: reasonOf(error) });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof OomscopeError) return `${error.message} ${error.nextStep}`;
  return error instanceof Error ? error.message : String(error);
}
