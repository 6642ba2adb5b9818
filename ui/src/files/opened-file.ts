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
  /** Null = a log: it has kills and nothing between them. */
  readonly playback: Playback | null;
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
    const onProgress = (done: number, total: number) => tell({ kind: 'opening', name, share: done / total });
    const isTrace = files.length > 1 || (await isMcap(first));
    const file = isTrace ? await openTraces(files, name, onProgress) : await openLog(first, onProgress);
    tell({ kind: 'none' });
    show(file);
  } catch (error) {
    tell({ kind: 'failed', name, reason: reasonOf(error) });
  }
}

async function openTraces(
  files: readonly File[],
  name: string,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<OpenedFile> {
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
    onProgress,
  );
  return { name, store, time: wholeTime(), playback, close: () => void playback.close() };
}

async function openLog(file: File, onProgress: (doneBytes: number, totalBytes: number) => void): Promise<OpenedFile> {
  const { readLog } = await import('./read-log.js');
  const { models, lines, problems } = await readLog(file, onProgress);
  if (models.length === 0) {
    throw new Error(
      `it is no trace, and as a kernel log it holds no report of the OOM killer (${plural(lines, 'line')} read). ` +
        'Give the log of the kernel at the time of the kill: dmesg, journalctl -k, /var/log/kern.log.',
    );
  }
  const store = new Store();
  store.apply({ kind: 'file', name: file.name });
  store.apply({ kind: 'models', models });
  if (problems > 0) store.apply({ kind: 'problem', line: `${plural(problems, 'line')} of its reports make no sense.` });
  return { name: file.name, store, time: wholeTime(), playback: null, close: () => {} };
}

/** What is in a file is shown whole at first. */
function wholeTime(): TimeStore {
  const time = new TimeStore();
  time.setView({ kind: 'follow', lengthMs: Number.POSITIVE_INFINITY });
  return time;
}

const MCAP_MAGIC = [0x89, 0x4d, 0x43, 0x41, 0x50] as const;

async function isMcap(file: File): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, MCAP_MAGIC.length).arrayBuffer());
  return MCAP_MAGIC.every((byte, index) => head[index] === byte);
}

function reasonOf(error: unknown): string {
  if (error instanceof OomscopeError) return `${error.message} ${error.nextStep}`;
  return error instanceof Error ? error.message : String(error);
}
