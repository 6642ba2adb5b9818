import { InvalidArgumentError } from 'commander';

/** A TCP port; 0 = any that is free. */
export function parsePort(text: string): number {
  const port = parseWhole(text);
  if (port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

/** The size of a BPF ring. That it suits the page size is checked where that is known. */
export function parseRingBytes(text: string): number {
  const bytes = parseWhole(text);
  // Above 2^31 the kernel's own limits end it; below a page no ring is possible anywhere.
  if (bytes < 4_096 || bytes > 2 ** 31 || !Number.isInteger(Math.log2(bytes))) {
    throw new InvalidArgumentError('A ring has a power of two of bytes, a page at least: 4096, 65536, 4194304.');
  }
  return bytes;
}

function parseWhole(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
