/** One entry of an archive. */
export interface CpioEntry {
  /** Below the root, without a leading slash. Its directories must come before it. */
  readonly path: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
}

export const CPIO_DIRECTORY = 0o040755;
export const CPIO_PROGRAM = 0o100755;
export const CPIO_FILE = 0o100644;

const TRAILER = 'TRAILER!!!';

/**
 * A cpio archive in the "newc" format that the kernel unpacks as its first root
 * (Documentation/driver-api/early-userspace/buffer-format.rst).
 */
export function buildCpio(entries: readonly CpioEntry[]): Buffer {
  const parts: Buffer[] = [];
  const all = [...entries, { path: TRAILER, mode: 0, bytes: new Uint8Array() }];
  all.forEach((entry, index) => {
    const name = Buffer.from(`${entry.path}\0`);
    parts.push(padded(Buffer.concat([header(entry, index + 1, name.length), name])), padded(Buffer.from(entry.bytes)));
  });
  return Buffer.concat(parts);
}

function header(entry: CpioEntry, inode: number, nameBytes: number): Buffer {
  const links = 1;
  const none = 0;
  // inode, mode, uid, gid, links, mtime, size, device (major, minor), its own device (major, minor), name length, check
  const fields = [inode, entry.mode, 0, 0, links, 0, entry.bytes.length, 0, 0, none, none, nameBytes, none];
  return Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
}

/** Headers and contents each begin at a multiple of 4 bytes. */
function padded(bytes: Buffer): Buffer {
  const rest = bytes.length % 4;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(4 - rest)]);
}
