import { EXIT, OomscopeError } from '../../../src/base/errors.js';
import type { ByteSource } from '../../../src/trace/bytes.js';

/** A file that a person gave to the page, read piece by piece: it is never in memory as a whole. */
export function blobBytes(file: File): ByteSource {
  return {
    name: file.name,
    sizeBytes: file.size,
    async read(atByte, lengthBytes) {
      try {
        return new Uint8Array(await file.slice(atByte, atByte + lengthBytes).arrayBuffer());
      } catch (error) {
        throw new OomscopeError(
          'E_FILE_UNREADABLE',
          `${file.name} cannot be read any more: ${error instanceof Error ? error.message : String(error)}.`,
          'Choose it again; it may have been changed or moved meanwhile.',
          EXIT.failed,
        );
      }
    },
  };
}
