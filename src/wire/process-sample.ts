import type { ProcessCgroup, ProcessRow, ProcessSampleEvent } from '../events/process-sample.js';
import { badMessage, integer, nullableInteger, present } from './check.js';
import { type Columns, fromColumns, toColumns } from './columns.js';
import { candidateStatus } from './enums.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

/** The numbers of a row, whose id is its pid. Names, adj and status have columns of their own kinds. */
interface Numbers extends Omit<ProcessRow, 'pid' | 'comm' | 'adj' | 'status'> {
  readonly id: number;
}

const PROCESS_COLUMNS: Columns<Numbers> = {
  id: 'plain',
  uid: 'plain',
  startUs: 'amount',
  cgroupId: 'amount',
  rssAnonBytes: 'amount',
  rssFileBytes: 'amount',
  rssShmemBytes: 'amount',
  swapBytes: 'amount',
  pageTableBytes: 'amount',
};

interface CgroupNumbers extends Omit<ProcessCgroup, 'oomGroup'> {
  readonly oomGroup: number;
}

const CGROUP_COLUMNS: Columns<CgroupNumbers> = {
  id: 'plain',
  maxBytes: 'limit',
  swapMaxBytes: 'limit',
  oomGroup: 'plain',
};

export function encodeProcessSample(event: ProcessSampleEvent): Uint8Array {
  const { processes, cgroups } = event;
  return v1.ProcessSample.encode({
    whyProc: event.whyProc,
    processesSeen: event.processesSeen,
    limitsSeen: event.limitsSeen,
    ramBytes: event.ramBytes,
    swapTotalBytes: event.swapTotalBytes,
    swappiness: event.swappiness,
    processes: {
      ...toColumns(
        PROCESS_COLUMNS,
        processes.map(({ pid, ...row }) => ({ ...row, id: pid })),
      ),
      comm: processes.map(({ comm }) => comm),
      adj: processes.map(({ adj }) => adj),
      status: processes.map(({ status }) => candidateStatus.toWire(status)),
    },
    cgroups: toColumns(
      CGROUP_COLUMNS,
      cgroups.map((row) => ({ ...row, oomGroup: Number(row.oomGroup) })),
    ),
  }).finish();
}

export function decodeProcessSample(tUs: number, payload: Uint8Array): ProcessSampleEvent {
  const wire = v1.ProcessSample.decode(payload);
  return {
    topic: '/process',
    tUs,
    whyProc: wire.whyProc ?? null,
    processesSeen: integer(wire.processesSeen),
    limitsSeen: integer(wire.limitsSeen),
    ramBytes: integer(wire.ramBytes),
    swapTotalBytes: integer(wire.swapTotalBytes),
    swappiness: nullableInteger(wire.swappiness),
    processes: processesFromWire(wire.processes),
    cgroups: fromColumns(CGROUP_COLUMNS, wire.cgroups).map((row) => ({ ...row, oomGroup: row.oomGroup !== 0 })),
  };
}

function processesFromWire(wire: oomscope.v1.ProcessRows.$Properties | null | undefined): ProcessRow[] {
  const rows = fromColumns(PROCESS_COLUMNS, wire);
  const { comm, adj, status } = wire ?? {};
  for (const [name, column] of Object.entries({ comm, adj, status })) {
    const length = column?.length ?? 0;
    if (length !== rows.length) throw badMessage(`column ${name} has ${length} rows of ${rows.length}`);
  }
  return rows.map(({ id, ...row }, index) => ({
    ...row,
    pid: id,
    comm: present(comm?.[index], 'comm'),
    adj: integer(adj?.[index]),
    status: candidateStatus.fromWire(status?.[index]),
  }));
}
