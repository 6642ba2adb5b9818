import type { CarriedLine } from './carried-line.js';
import { type LogClock, parseIsoTime, plausibleUs } from './log-clock.js';

/** The message of one JSON object, with what the object says about it. */
export interface JsonMessage {
  readonly text: string;
  readonly bootUs: number | null;
  readonly epochUs: number | null;
  readonly host: string | null;
  readonly bootId: string | null;
  readonly callerId: string | null;
  readonly fromKernel: boolean | null;
}

// Where the message stands: journald, Docker's json-file, most log shippers, `dmesg -J`, Google Cloud, Loki.
const MESSAGE_KEYS = ['MESSAGE', 'log', 'message', 'msg', 'textPayload', 'line'] as const;
const ISO_TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts'] as const;

/** Reads one JSON object as a log message. Null = JSON without a message; undefined = no JSON object. */
export function parseJsonMessage(json: string, clock: LogClock): JsonMessage | null | undefined {
  const fields = parseObject(json);
  if (fields === undefined) return undefined;
  // Google Cloud has the journal's fields one level below its own.
  const payload = fields['jsonPayload'];
  return messageOf(isObject(payload) ? { ...fields, ...payload } : fields, clock);
}

/** The message among the fields of a log entry; null = there is none. */
export function messageOf(fields: Readonly<Record<string, unknown>>, clock: LogClock): JsonMessage | null {
  const text = MESSAGE_KEYS.map((key) => messageText(fields[key])).find((found) => found !== null);
  if (text === undefined || text === null) return null;
  const dmesgSeconds = typeof fields['time'] === 'number' && 'msg' in fields ? fields['time'] : null;
  return {
    text: text.endsWith('\n') ? text.slice(0, -1) : text,
    bootUs:
      microseconds(fields['_SOURCE_MONOTONIC_TIMESTAMP']) ??
      microseconds(fields['__MONOTONIC_TIMESTAMP']) ??
      (dmesgSeconds === null ? null : plausibleUs(Math.round(dmesgSeconds * 1_000_000))),
    epochUs: microseconds(fields['__REALTIME_TIMESTAMP']) ?? isoTimeUs(fields, clock),
    host: stringOrNull(fields['_HOSTNAME']),
    bootId: stringOrNull(fields['_BOOT_ID']),
    callerId: /^ *([TC]\d{1,10})$/.exec(stringOrNull(fields['caller']) ?? '')?.[1] ?? null,
    fromKernel: writtenByKernel(fields),
  };
}

/** Puts the message in the place of the JSON that carried it: it may have wrappings of its own. */
export function unwrapJson(line: CarriedLine, message: JsonMessage): void {
  line.text = message.text;
  line.at = 0;
  line.bootUs ??= message.bootUs;
  line.epochUs ??= message.epochUs;
  line.host ??= message.host;
  line.bootId ??= message.bootId;
  line.callerId ??= message.callerId;
  line.fromKernel ??= message.fromKernel;
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** journald writes a message that is not plain UTF-8 text as an array of its bytes, and a field that repeats as a list. */
function messageText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  const first: unknown = value[0];
  if (typeof first === 'string') return first;
  return bytesText(Array.isArray(first) ? first : value);
}

function bytesText(bytes: readonly unknown[]): string | null {
  const isByte = (byte: unknown): byte is number => Number.isInteger(byte) && Number(byte) >= 0 && Number(byte) <= 255;
  return bytes.length > 0 && bytes.every(isByte) ? new TextDecoder().decode(Uint8Array.from(bytes)) : null;
}

function microseconds(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{1,16}$/.test(value)) return null;
  return plausibleUs(Number(value));
}

function isoTimeUs(fields: Readonly<Record<string, unknown>>, clock: LogClock): number | null {
  for (const key of ISO_TIME_KEYS) {
    const time = parseIsoTime(stringOrNull(fields[key]) ?? '');
    if (time !== null) return clock.epochUs(time);
  }
  return null;
}

function writtenByKernel(fields: Readonly<Record<string, unknown>>): boolean | null {
  if (fields['_TRANSPORT'] === 'kernel' || fields['SYSLOG_IDENTIFIER'] === 'kernel') return true;
  return '_TRANSPORT' in fields || 'SYSLOG_IDENTIFIER' in fields ? false : null;
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
