import { describe, expect, it } from 'vitest';
import { buildCpio, CPIO_DIRECTORY, CPIO_FILE, CPIO_PROGRAM } from './cpio.js';

/** Reads an archive as the kernel does (init/initramfs.c). */
function readCpio(archive: Buffer): { path: string; mode: number; content: string }[] {
  const entries = [];
  for (let at = 0; ; ) {
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const field = (index: number) =>
      Number.parseInt(archive.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const [mode, size, nameBytes] = [field(1), field(6), field(11)];
    const path = archive.toString('utf8', at + 110, at + 110 + nameBytes - 1);
    expect(archive[at + 110 + nameBytes - 1]).toBe(0);
    const content = Math.ceil((at + 110 + nameBytes) / 4) * 4;
    if (path === 'TRAILER!!!') return entries;
    entries.push({ path, mode, content: archive.toString('utf8', content, content + size) });
    at = Math.ceil((content + size) / 4) * 4;
  }
}

describe('an initramfs', () => {
  it('is read as it was written, whatever the lengths', () => {
    const entries = [
      { path: 'modules', mode: CPIO_DIRECTORY, bytes: new Uint8Array() },
      { path: 'init', mode: CPIO_PROGRAM, bytes: Buffer.from('#!') },
      ...[0, 1, 2, 3, 4, 5].map((length) => ({
        path: `f${'x'.repeat(length)}`,
        mode: CPIO_FILE,
        bytes: Buffer.alloc(length, 'y'),
      })),
    ];
    expect(readCpio(buildCpio(entries))).toEqual(
      entries.map(({ path, mode, bytes }) => ({ path, mode, content: Buffer.from(bytes).toString() })),
    );
  });
});
