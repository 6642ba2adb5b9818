import { OomscopeError } from '../../base/errors.js';
import type { Candidate } from '../../events/episode.js';
import { decodeBatch } from '../kernel/decode.js';
import { isNativeError, loadAddon, type NativeTaskIterator } from '../kernel/native.js';
import { readProcTasks } from './proc-tasks.js';

/** Lists the processes of this host, without points. */
export interface TaskReader {
  /** Why it is /proc and not the kernel's own task list; null = it is the kernel's. */
  readonly whyProc: string | null;
  /** `paths` of cgroups by their ids. */
  read(paths: ReadonlyMap<number | null, string | null>, pageSizeBytes: number): Candidate[];
  close(): void;
}

/** By a BPF task iterator, which sees what the OOM killer sees; by /proc where that cannot be loaded. */
export function openTaskReader(): TaskReader {
  try {
    return new IteratorTaskReader(new (loadAddon().TaskIterator)());
  } catch (error) {
    return procInstead(error);
  }
}

/** The same while JavaScript goes on with other things. */
export async function loadTaskReader(): Promise<TaskReader> {
  try {
    return new IteratorTaskReader(await loadAddon().TaskIterator.load());
  } catch (error) {
    return procInstead(error);
  }
}

function procInstead(error: unknown): TaskReader {
  if (isNativeError(error)) return new ProcTaskReader(error.message);
  if (error instanceof OomscopeError && error.code === 'E_NO_ADDON')
    return new ProcTaskReader('the addon is not built');
  throw error;
}

class IteratorTaskReader implements TaskReader {
  readonly whyProc = null;

  constructor(private readonly iterator: NativeTaskIterator) {}

  read(paths: ReadonlyMap<number | null, string | null>, pageSizeBytes: number): Candidate[] {
    const { records, undecodableBytes } = decodeBatch(this.iterator.read(), pageSizeBytes);
    if (undecodableBytes > 0) {
      const next = 'Run `npm run build`: addon and program are of different versions.';
      throw new OomscopeError('E_INTERNAL', `${undecodableBytes} bytes of the task list make no sense.`, next);
    }
    return records.flatMap((record) => {
      if (record.kind !== 'candidate') return [];
      const { candidate } = record;
      const cgroupPath = candidate.cgroupId === null ? null : (paths.get(candidate.cgroupId) ?? null);
      return [{ ...candidate, cgroupPath, points: null }];
    });
  }

  close(): void {
    this.iterator.close();
  }
}

/** What /proc alone tells. */
export class ProcTaskReader implements TaskReader {
  constructor(readonly whyProc: string) {}

  read(): Candidate[] {
    return readProcTasks();
  }

  close(): void {}
}
