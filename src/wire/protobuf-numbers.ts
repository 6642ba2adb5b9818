import protobuf from 'protobufjs/minimal.js';

/**
 * Makes protobufjs read 64-bit fields as numbers, exact to 2^53, instead of Long objects. It decides this when a
 * generated module is loaded, so this module is imported before proto.gen.js, and only by proto.ts.
 */
Object.assign(protobuf.util, { Long: null });
protobuf.configure();

/**
 * Its own readers make an object for each number, and most of our columns are such numbers: these read them three times as fast.
 * What is beyond 2^53 comes out as a number that is not exact, as it does there, and is refused by `integer`.
 */
Object.assign(protobuf.Reader.prototype, { uint64: readUint64, sint64: readSint64 });

/** A varint of 64 bits has ten bytes at most. */
const MAX_VARINT_BYTES = 10;

function readUint64(this: protobuf.Reader): number {
  const { buf, len } = this;
  let value = 0;
  let factor = 1;
  for (let count = 0; count < MAX_VARINT_BYTES; count++) {
    if (this.pos >= len) break;
    const byte = buf[this.pos++] ?? 0;
    value += (byte & 127) * factor;
    if (byte < 128) return value;
    factor *= 128;
  }
  throw badVarint(this);
}

/** Zigzag: the lowest bit is the sign. It is left out of the sum, which with it would not be exact up to 2^53. */
function readSint64(this: protobuf.Reader): number {
  const { buf, len } = this;
  const isNegative = this.pos < len && ((buf[this.pos] ?? 0) & 1) === 1;
  let value = 0;
  let factor = 0.5;
  for (let count = 0; count < MAX_VARINT_BYTES; count++) {
    if (this.pos >= len) break;
    const byte = buf[this.pos++] ?? 0;
    value += (byte & (count === 0 ? 126 : 127)) * factor;
    if (byte < 128) return isNegative ? -value - 1 : value;
    factor *= 128;
  }
  throw badVarint(this);
}

function badVarint({ pos, len }: protobuf.Reader): RangeError {
  return new RangeError(`a number that does not end, at byte ${pos} of ${len}`);
}
