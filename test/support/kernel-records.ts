import { constants, enums, structs } from '../../src/events/layout.gen.js';

/** Writes records as the BPF programs would, for tests: little-endian, at the offsets of layout.gen.ts. */

export const PAGE_BYTES = 4096;

/** Times are in µs here, as tests think in them. */
interface Header {
  timeUs?: number;
  episodeUs?: number;
}

export interface TaskFields {
  tgid?: number;
  tid?: number;
  uid?: number;
  adj?: number;
  startUs?: number;
  cgroupId?: number;
  comm?: string | Uint8Array;
}

export interface MmFields {
  anonPages?: number;
  filePages?: number;
  shmemPages?: number;
  swapPages?: number;
  pageTableBytes?: number;
}

type Long = number | 'min' | 'max';

class RecordWriter {
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(kind: number, size: number, header: Header) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    const at = structs.record_header.at;
    this.u32(at.kind, kind).u32(at.size, size);
    this.us(at.time_ns, header.timeUs ?? 1_000).us(at.episode_ns, header.episodeUs ?? 0);
  }

  u32(at: number, value: number): this {
    this.view.setUint32(at, value >>> 0, true);
    return this;
  }

  long(at: number, value: Long): this {
    const exact = value === 'min' ? -(2n ** 63n) : value === 'max' ? 2n ** 63n - 1n : BigInt(value);
    this.view.setBigInt64(at, exact, true);
    return this;
  }

  us(at: number, value: number): this {
    return this.long(at, value * 1_000);
  }

  raw(at: number, bytes: Uint8Array): this {
    this.bytes.set(bytes, at);
    return this;
  }

  task(start: number, task: TaskFields): this {
    const { at } = structs.task_facts;
    const comm = typeof task.comm === 'string' ? new TextEncoder().encode(task.comm) : (task.comm ?? new Uint8Array());
    this.u32(start + at.tgid, task.tgid ?? 0)
      .u32(start + at.pid, task.tid ?? task.tgid ?? 0)
      .u32(start + at.uid, task.uid ?? 0)
      .u32(start + at.adj, task.adj ?? 0)
      .us(start + at.start_ns, task.startUs ?? 0)
      .long(start + at.cgroup_id, task.cgroupId ?? 0)
      .raw(start + at.comm, comm.subarray(0, constants.COMM_LEN));
    return this;
  }

  mm(start: number, mm: MmFields): this {
    const { at } = structs.mm_facts;
    return this.long(start + at.anon_pages, mm.anonPages ?? 0)
      .long(start + at.file_pages, mm.filePages ?? 0)
      .long(start + at.shmem_pages, mm.shmemPages ?? 0)
      .long(start + at.swap_pages, mm.swapPages ?? 0)
      .long(start + at.pgtables_bytes, mm.pageTableBytes ?? 0);
  }
}

export function beginRecord(
  fields: Header & TaskFields & { limitCgroupId?: number; order?: number; nodes?: readonly number[] },
): Uint8Array {
  const { at, bytes } = structs.episode_begin;
  const writer = new RecordWriter(enums.record_kind.RECORD_EPISODE_BEGIN, bytes, fields)
    .task(at.trigger, fields)
    .long(at.limit_cgroup_id, fields.limitCgroupId ?? 0)
    .u32(at.gfp_mask, 0xcc0)
    .u32(at.order, fields.order ?? 0)
    .u32(at.nodemask_present, fields.nodes === undefined ? 0 : 1);
  for (const node of fields.nodes ?? []) {
    const byte = at.nodemask + (node >> 3);
    writer.bytes[byte] = (writer.bytes[byte] ?? 0) | (1 << (node & 7));
  }
  return writer.bytes;
}

export function cgroupRecord(
  fields: Header & {
    role: keyof typeof enums.cgroup_role;
    flags?: readonly (keyof typeof enums.cgroup_flags)[];
    id: number;
    level?: number;
    /** From the leaf outwards. */
    names?: readonly string[];
    usagePages?: number;
    maxPages?: number;
  },
): Uint8Array {
  const { at } = structs.cgroup_record;
  const path = new TextEncoder().encode((fields.names ?? []).map((name) => `${name}\0`).join(''));
  const size = at.path + Math.ceil(path.length / 8) * 8;
  const flags = (fields.flags ?? ['CGROUP_HAS_MEMORY']).reduce((sum, flag) => sum | enums.cgroup_flags[flag], 0);
  return new RecordWriter(enums.record_kind.RECORD_CGROUP, size, fields)
    .long(at.cgroup_id, fields.id)
    .u32(at.role, enums.cgroup_role[fields.role])
    .u32(at.flags, flags)
    .u32(at.level, fields.level ?? fields.names?.length ?? 0)
    .u32(at.path_bytes, path.length)
    .long(at.usage_pages, fields.usagePages ?? 0)
    .long(at.max_pages, fields.maxPages ?? 0)
    .raw(at.path, path).bytes;
}

export function candidateRecord(
  fields: Header & TaskFields & MmFields & { points?: Long; status?: keyof typeof enums.candidate_status },
): Uint8Array {
  const { at, bytes } = structs.candidate;
  return new RecordWriter(enums.record_kind.RECORD_CANDIDATE, bytes, fields)
    .task(at.task, fields)
    .mm(at.mm, fields)
    .long(at.points, fields.points ?? 0)
    .u32(at.status, enums.candidate_status[fields.status ?? 'CANDIDATE_SCORED']).bytes;
}

export function choiceRecord(
  fields: Header &
    TaskFields & { points?: Long; how?: keyof typeof enums.choice_how; constraint?: number; totalPages?: number },
): Uint8Array {
  const { at, bytes } = structs.choice;
  return new RecordWriter(enums.record_kind.RECORD_CHOICE, bytes, fields)
    .task(at.task, fields)
    .long(at.points, fields.points ?? 0)
    .long(at.totalpages, fields.totalPages ?? 25_600)
    .u32(at.how, enums.choice_how[fields.how ?? 'CHOICE_SELECTED'])
    .u32(at.constraint, fields.constraint ?? 3).bytes;
}

export function victimRecord(
  fields: Header &
    TaskFields &
    MmFields & { flags?: readonly (keyof typeof enums.victim_flags)[]; containerPid?: number },
): Uint8Array {
  const { at, bytes } = structs.victim;
  const flags = fields.flags ?? ['VICTIM_SIGKILLED', 'VICTIM_CHOSEN'];
  return new RecordWriter(enums.record_kind.RECORD_VICTIM, bytes, fields)
    .task(at.task, fields)
    .mm(at.mm, fields)
    .u32(
      at.flags,
      flags.reduce((sum, flag) => sum | enums.victim_flags[flag], 0),
    )
    .u32(at.container_pid, fields.containerPid ?? 0).bytes;
}

export function reaperRecord(fields: Header & { tid: number; step: keyof typeof enums.reaper_step }): Uint8Array {
  const { at, bytes } = structs.reaper;
  return new RecordWriter(enums.record_kind.RECORD_REAPER, bytes, fields)
    .u32(at.pid, fields.tid)
    .u32(at.step, enums.reaper_step[fields.step]).bytes;
}

export function exitRecord(fields: Header & TaskFields & MmFields & { mmUsers?: number }): Uint8Array {
  const { at, bytes } = structs.exit_record;
  return new RecordWriter(enums.record_kind.RECORD_EXIT, bytes, fields)
    .task(at.task, fields)
    .mm(at.mm, fields)
    .u32(at.mm_users, fields.mmUsers ?? 0).bytes;
}

export function endRecord(
  fields: Header & {
    totalPages?: number;
    outcome?: keyof typeof enums.episode_outcome;
    constraint?: number;
    seen?: number;
    lost?: number;
    recordsLost?: number;
  },
): Uint8Array {
  const { at, bytes } = structs.episode_end;
  return new RecordWriter(enums.record_kind.RECORD_EPISODE_END, bytes, fields)
    .long(at.totalpages, fields.totalPages ?? 25_600)
    .u32(at.outcome, enums.episode_outcome[fields.outcome ?? 'EPISODE_KILLED'])
    .u32(at.constraint, fields.constraint ?? 3)
    .u32(at.candidates_seen, fields.seen ?? 0)
    .u32(at.candidates_lost, fields.lost ?? 0)
    .u32(at.kernel_threads, 5)
    .u32(at.records_lost, fields.recordsLost ?? 0).bytes;
}

export function killRecord(
  fields: Header & {
    sender: TaskFields;
    target: TaskFields & MmFields;
    parent?: { tgid: number; comm: string };
    killedCgroupId?: number;
    signal?: number;
    how?: keyof typeof enums.kill_how;
    /** Arguments, each with its NUL. */
    commandLine?: string;
  },
): Uint8Array {
  const { at, bytes } = structs.kill_record;
  const line = new TextEncoder().encode(fields.commandLine ?? '');
  return new RecordWriter(enums.record_kind.RECORD_KILL, bytes, fields)
    .task(at.sender, fields.sender)
    .task(at.target, fields.target)
    .mm(at.mm, fields.target)
    .long(at.killed_cgroup_id, fields.killedCgroupId ?? 0)
    .u32(at.parent_tgid, fields.parent?.tgid ?? 1)
    .raw(at.parent_comm, new TextEncoder().encode(fields.parent?.comm ?? 'init'))
    .u32(at.signal, fields.signal ?? 9)
    .u32(at.how, enums.kill_how[fields.how ?? 'KILL_SIGNAL'])
    .u32(at.command_line_bytes, line.length)
    .raw(at.command_line, line).bytes;
}

export function killStepRecord(
  fields: Header & {
    target: TaskFields;
    sender?: TaskFields;
    sentUs?: number;
    killedCgroupId?: number;
    step: keyof typeof enums.kill_step_kind;
    signal?: number;
    how?: keyof typeof enums.kill_how;
    commandLine?: string;
  },
): Uint8Array {
  const { at, bytes } = structs.kill_step;
  const line = new TextEncoder().encode(fields.commandLine ?? '');
  return new RecordWriter(enums.record_kind.RECORD_KILL_STEP, bytes, fields)
    .task(at.target, fields.target)
    .task(at.sender, fields.sender ?? {})
    .us(at.sent_ns, fields.sentUs ?? 0)
    .long(at.killed_cgroup_id, fields.killedCgroupId ?? 0)
    .u32(at.step, enums.kill_step_kind[fields.step])
    .u32(at.signal, fields.signal ?? 9)
    .u32(at.how, fields.how === undefined ? 0 : enums.kill_how[fields.how])
    .u32(at.command_line_bytes, line.length)
    .raw(at.command_line, line).bytes;
}

/** One behind the other, as a batch of the addon. */
export function batchOf(...records: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(records.flatMap((record) => [...record]));
}
