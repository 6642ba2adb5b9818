/** One field of a trace event's record, from its format file in tracefs. */
interface TraceField {
  readonly offset: number;
  readonly size: number;
}

/** The fields of a trace event by name. Pure; lines that are no field are passed over. */
function parseFields(format: string): Map<string, TraceField> {
  const fields = new Map<string, TraceField>();
  for (const line of format.split('\n')) {
    const match = /^\s*field:(.+);\s*offset:(\d+);\s*size:(\d+);/.exec(line);
    // "unsigned long anon_rss", "__data_loc char[] comm", "char comm[16]": the name is the last word.
    const name = /(\w+)(?:\[\w*\])?$/.exec(match?.[1] ?? '')?.[1];
    if (match && name !== undefined) fields.set(name, { offset: Number(match[2]), size: Number(match[3]) });
  }
  return fields;
}

/** Fields that 6.9 and later kernels tell (72ba14deb40a): the constant that wants the offset, the size that is expected. */
const DETAILS: readonly (readonly [constant: string, field: string, size: number])[] = [
  ['mark_victim_comm_offset', 'comm', 4],
  ['mark_victim_anon_kib_offset', 'anon_rss', 8],
  ['mark_victim_file_kib_offset', 'file_rss', 8],
  ['mark_victim_shmem_kib_offset', 'shmem_rss', 8],
  ['mark_victim_uid_offset', 'uid', 4],
  ['mark_victim_pgtables_kib_offset', 'pgtables', 8],
  ['mark_victim_adj_offset', 'oom_score_adj', 2],
];

export interface MarkVictimLayout {
  /** Read-only variables of bpf/oom_tracepoint.bpf.c; a field that the kernel does not have is left at 0. */
  readonly constants: Readonly<Record<string, bigint>>;
  /** Fields of the record that this kernel does not tell. */
  readonly absent: readonly string[];
}

/** Where oom:mark_victim keeps what. Null = not even the pid is where it always was: an unknown kernel. */
export function markVictimLayout(format: string, pageBytes: number): MarkVictimLayout | null {
  const fields = parseFields(format);
  const pid = fields.get('pid');
  if (pid?.offset !== 8 || pid.size !== 4) return null;
  const constants: Record<string, bigint> = { page_kib: BigInt(pageBytes / 1024) };
  const absent: string[] = [];
  for (const [constant, name, size] of DETAILS) {
    const field = fields.get(name);
    if (field?.size === size) constants[constant] = BigInt(field.offset);
    else absent.push(name);
  }
  return { constants, absent };
}
