import { constants, structs } from '../../events/layout.gen.js';
import type { ProcessFacts, ProcessMemory } from '../../events/process.js';

const TWO_32 = 2 ** 32;
// ignoreBOM: a name that begins with the bytes of a byte order mark has them.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A signed 64-bit value whose ends mean something: LONG_MIN = passed over, LONG_MAX = wins at once. */
export type Points = number | 'min' | 'max';

/** The kernel side always has these. */
export interface RecordedProcess extends ProcessFacts {
  readonly uid: number;
  readonly adj: number;
}

/**
 * Reads the members of one record by their offsets. Little-endian, as every machine that the programs are built for.
 * 64-bit values as two 32-bit reads: getBigUint64 is two to three times slower.
 */
export class RecordReader {
  constructor(
    private readonly view: DataView,
    private readonly start: number,
    private readonly pageSizeBytes: number,
  ) {}

  u32(at: number): number {
    return this.view.getUint32(this.start + at, true);
  }

  i32(at: number): number {
    return this.view.getInt32(this.start + at, true);
  }

  /** Exact up to 2^53. */
  u64(at: number): number {
    return this.u32(at) + this.u32(at + 4) * TWO_32;
  }

  /** Nanoseconds as whole µs. Exact for 285 years of uptime; as a number, nanoseconds would be for 104 days. */
  us(at: number): number {
    const low = this.u32(at);
    const high = this.u32(at + 4);
    // 2^32 = 4,294,967 × 1000 + 296
    return high * 4_294_967 + Math.floor((high * 296 + low) / 1000);
  }

  /** The same, where 0 stands for "not seen". */
  usOrNull(at: number): number | null {
    return this.u32(at) === 0 && this.u32(at + 4) === 0 ? null : this.us(at);
  }

  u64OrNull(at: number): number | null {
    const value = this.u64(at);
    return value === 0 ? null : value;
  }

  points(at: number): Points {
    const low = this.u32(at);
    const high = this.i32(at + 4);
    if (high === -0x8000_0000 && low === 0) return 'min';
    if (high === 0x7fff_ffff && low === 0xffff_ffff) return 'max';
    return low + high * TWO_32;
  }

  /** A count of pages, in bytes. */
  pageBytes(at: number): number {
    return this.u64(at) * this.pageSizeBytes;
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.view.buffer, this.view.byteOffset + this.start + at, length);
  }

  process(at: number): RecordedProcess {
    const { tgid, pid, uid, adj, start_ns, cgroup_id, comm } = structs.task_facts.at;
    const tid = this.i32(at + pid);
    return {
      // The mark_victim tracepoint names a thread only.
      pid: this.i32(at + tgid) || tid,
      tid,
      uid: this.u32(at + uid),
      comm: this.comm(at + comm),
      startUs: this.usOrNull(at + start_ns),
      adj: this.i32(at + adj),
      cgroupId: this.u64OrNull(at + cgroup_id),
      cgroupPath: null,
    };
  }

  comm(at: number): string {
    const name = this.bytes(at, constants.COMM_LEN);
    const end = name.indexOf(0);
    return utf8.decode(end < 0 ? name : name.subarray(0, end));
  }

  memory(at: number): ProcessMemory {
    const { anon_pages, file_pages, shmem_pages, swap_pages, pgtables_bytes } = structs.mm_facts.at;
    return {
      rssBytes: null,
      rssAnonBytes: this.pageBytes(at + anon_pages),
      rssFileBytes: this.pageBytes(at + file_pages),
      rssShmemBytes: this.pageBytes(at + shmem_pages),
      swapBytes: this.pageBytes(at + swap_pages),
      pageTableBytes: this.u64(at + pgtables_bytes),
    };
  }

  /** Bytes that should be UTF-8; those that are not read as U+FFFD. */
  static text(bytes: Uint8Array): string {
    return utf8.decode(bytes);
  }
}
