import type { RankInput } from '../../model/rank.js';
import { type CgroupMount, findCgroupMount, readCgroupTree } from './cgroup-tree.js';
import { readNodeTotals } from './node-memory.js';
import { openTaskReader, type TaskReader } from './tasks.js';

/** Reads what the kernel would weigh now. Close it. */
export class RankSource {
  private readonly tasks: TaskReader = openTaskReader();
  private readonly mount: CgroupMount | null = findCgroupMount();

  get whyProc(): string | null {
    return this.tasks.whyProc;
  }

  /** Cgroups first: a process that began meanwhile may then stand in one that is not known, never the other way round. */
  read(): RankInput {
    const cgroups = this.mount === null ? [] : readCgroupTree(this.mount);
    const totals = readNodeTotals();
    const paths = new Map(cgroups.map(({ id, path }) => [id, path]));
    const tasks = this.tasks.read(paths, totals.pageSizeBytes);
    return { tasks, cgroups, ...totals };
  }

  close(): void {
    this.tasks.close();
  }
}
