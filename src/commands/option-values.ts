import { InvalidArgumentError } from 'commander';
import { isReplaySpeed } from '../wire/replay.js';

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

/** A container runtime's socket, as a path or as kubelet's `--container-runtime-endpoint` has it: `unix:///run/containerd/containerd.sock`. */
export function parseCriSocket(text: string): string {
  const path = text.replace(/^unix:(?:\/\/)?/, '');
  if (!path.startsWith('/')) throw new InvalidArgumentError('It is an absolute path: /run/containerd/containerd.sock.');
  return path;
}

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** An amount: `4096`, `64M`, `1.5G`, `2 GiB`. */
export function parseBytes(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([KMGT]?)(?:i?B)?$/i.exec(text);
  const bytes = Math.round(Number(match?.[1]) * (UNIT_BYTES[(match?.[2] ?? '').toUpperCase()] ?? Number.NaN));
  if (!Number.isSafeInteger(bytes)) throw new InvalidArgumentError('It must be an amount, like 500M or 2G.');
  return bytes;
}

const SPAN_UNIT_US: Readonly<Record<string, number>> = { s: 1e6, m: 60e6, min: 60e6, h: 3600e6 };

/** A length of time in µs: `120s`, `5m`, `1h`. */
export function parseSpanUs(text: string): number {
  const match = /^(\d{1,6})(s|m|min|h)$/.exec(text);
  const spanUs = Number(match?.[1]) * (SPAN_UNIT_US[match?.[2] ?? ''] ?? Number.NaN);
  if (!(spanUs > 0)) throw new InvalidArgumentError('It must be a time, like 90s, 5m or 1h.');
  return spanUs;
}

const UNIT_US: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000 };

/** How far samples are apart: `10ms` to `10s`. */
export function parseIntervalUs(text: string): number {
  const match = /^(\d{1,9})(us|ms|s)$/.exec(text);
  const us = Number(match?.[1]) * (UNIT_US[match?.[2] ?? ''] ?? Number.NaN);
  if (!(us >= 10_000 && us <= 10_000_000)) throw new InvalidArgumentError('It must be a time from 10ms to 10s.');
  return us;
}

/** How fast a replay goes; `max` = as fast as it can be read. */
export function parseSpeed(text: string): number {
  const speed = text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
  if (!isReplaySpeed(speed) || text === 'Infinity') {
    throw new InvalidArgumentError('A speed is a number from 0.1 to 100, or max.');
  }
  return speed;
}

function parseWhole(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
