import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from './project.js';
import {
  decodeExit,
  encodeCommand,
  encodeFile,
  encodeFrame,
  encodeU32,
  FRAME,
  FRAME_MAX_BYTES,
  FrameReader,
  PORT_NAME,
} from './protocol.js';

describe('frames', () => {
  it('a frame is its length, its stream, its type and its bytes', () => {
    expect(encodeFrame('S', 0x01020304, Buffer.from('ab'))).toEqual(
      Buffer.from([2, 0, 0, 0, 4, 3, 2, 1, 'S'.charCodeAt(0), 97, 98]),
    );
  });

  it('frames survive being cut anywhere', () => {
    const frame = fc.record({
      type: fc.constantFrom(...Object.values(FRAME)),
      stream: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      payload: fc.uint8Array({ maxLength: 50 }),
    });
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 20 })), (frames, cuts) => {
        let rest = Buffer.concat(frames.map(({ type, stream, payload }) => encodeFrame(type, stream, payload)));
        const reader = new FrameReader();
        const read = cuts.flatMap((length) => {
          const part = rest.subarray(0, length);
          rest = rest.subarray(length);
          return reader.push(part);
        });
        read.push(...reader.push(rest));
        expect(read).toEqual(frames.map((each) => ({ ...each, payload: Buffer.from(each.payload) })));
      }),
    );
  });

  it('a length that no sender of ours writes is refused at once, not waited for', () => {
    const header = Buffer.alloc(9);
    header.writeUInt32LE(FRAME_MAX_BYTES + 1, 0);
    expect(() => new FrameReader().push(header)).toThrow(RangeError);
    expect(() => encodeFrame('F', 1, Buffer.alloc(FRAME_MAX_BYTES + 1))).toThrow(RangeError);
  });

  it('both halves of the protocol agree', () => {
    const header = readFileSync(join(PROJECT_ROOT, 'lab/guest/protocol.h'), 'utf8');
    const types = Object.fromEntries(
      [...header.matchAll(/^\s*FRAME_([A-Z_]+) = '(.)'/gm)].map(([, name = '', type]) => [
        name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
        type,
      ]),
    );
    expect(types).toEqual(FRAME);
    expect(header).toContain(`#define LAB_PORT_NAME "${PORT_NAME}"`);
    expect(header).toContain(`#define FRAME_MAX_BYTES (${FRAME_MAX_BYTES / 1024} * 1024)`);
  });
});

describe('requests', () => {
  it('a command is its directory, its words and its environment', () => {
    const command = encodeCommand({ argv: ['sh', '-c', 'a b'], cwd: '/x', environment: { PATH: '/bin', E: '' } });
    expect(command.toString()).toBe('/x\0' + '3\0' + 'sh\0-c\0a b\0' + 'PATH=/bin\0E=\0');
  });

  it('a word with a NUL in it cannot become two', () => {
    expect(() => encodeCommand({ argv: ['a\0b'], cwd: '/', environment: {} })).toThrow(TypeError);
  });

  it('a file of any size arrives whole, in frames that may be sent', () => {
    for (const size of [0, 1, FRAME_MAX_BYTES - 10, FRAME_MAX_BYTES, 2 * FRAME_MAX_BYTES + 5]) {
      const bytes = Buffer.alloc(size, 'x');
      const frames = [...encodeFile('/run/f', bytes, 0o755)];
      const head = '755\0/run/f\0';
      expect(frames.map(([type]) => type)).toEqual(
        frames.map((_, index) => (index === 0 ? FRAME.file : FRAME.fileAppend)),
      );
      for (const [, payload] of frames) {
        expect(payload.length).toBeLessThanOrEqual(FRAME_MAX_BYTES);
        expect(payload.subarray(0, head.length).toString()).toBe(head);
      }
      const arrived = Buffer.concat(frames.map(([, payload]) => payload.subarray(head.length)));
      expect(arrived.equals(bytes)).toBe(true);
    }
  });
});

describe('ends of commands', () => {
  it('a status is a status and a signal is 128 more, as shells have it', () => {
    expect(decodeExit(encodeU32(0))).toEqual({ status: 0, signal: null });
    expect(decodeExit(encodeU32(7 << 8))).toEqual({ status: 7, signal: null });
    expect(decodeExit(encodeU32(9))).toEqual({ status: 137, signal: 9 });
    // The bit that tells of a core dump is no part of the signal.
    expect(decodeExit(encodeU32(11 | 0x80))).toEqual({ status: 139, signal: 11 });
  });
});
