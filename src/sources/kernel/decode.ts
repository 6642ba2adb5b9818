import { structs } from '../../events/layout.gen.js';
import { decodeRecord, type KernelRecord } from './records.js';

export interface DecodedBatch {
  readonly records: readonly KernelRecord[];
  /** Bytes that are no record of this layout. */
  readonly undecodableBytes: number;
}

/**
 * Decodes records that lie one behind the other, each as long as its header says. Never throws: a record that does not
 * fit its kind is skipped and counted; where the length itself cannot be true, so is the rest of the batch.
 */
export function decodeBatch(batch: Uint8Array, pageSizeBytes: number): DecodedBatch {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  const records: KernelRecord[] = [];
  let undecodableBytes = 0;
  let start = 0;
  while (start < view.byteLength) {
    const remaining = view.byteLength - start;
    const size =
      remaining < structs.record_header.bytes ? 0 : view.getUint32(start + structs.record_header.at.size, true);
    if (size < structs.record_header.bytes || size > remaining || size % 8 !== 0) {
      undecodableBytes += remaining;
      break;
    }
    const record = decodeRecord(view, start, size, pageSizeBytes);
    if (record === null) undecodableBytes += size;
    else records.push(record);
    start += size;
  }
  return { records, undecodableBytes };
}
