/** Numbers of the MCAP file format (mcap.dev/spec). The writer has them from @mcap/core; the page needs no more than these. */

export const MAGIC: readonly number[] = [0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a];

export const OP = {
  header: 0x01,
  footer: 0x02,
  schema: 0x03,
  channel: 0x04,
  message: 0x05,
  chunk: 0x06,
  messageIndex: 0x07,
  chunkIndex: 0x08,
  statistics: 0x0b,
  metadata: 0x0c,
  metadataIndex: 0x0d,
  dataEnd: 0x0f,
} as const;

/** Opcode and length. */
export const RECORD_HEAD_BYTES = 9;
/** Channel, sequence, two times. */
export const MESSAGE_HEAD_BYTES = 22;
/** Times, size, CRC, and two lengths, the name of the compression left out. */
export const CHUNK_HEAD_BYTES = 40;
const FOOTER_BYTES = 20;
/** The end of a file that was closed: the footer record and the magic. */
export const TAIL_BYTES = RECORD_HEAD_BYTES + FOOTER_BYTES + MAGIC.length;

export function isMagic(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC.length && MAGIC.every((byte, index) => bytes[index] === byte);
}
