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

// Where the message stands: journald, most log shippers, Docker's json-file, `dmesg -J` and Fluent Bit, Google Cloud, Loki,
// CloudWatch, `aws ec2 get-console-output`, Splunk.
const MESSAGE_KEYS = ['MESSAGE', 'message', 'log', 'msg', 'textPayload', 'line', '@message', 'Output', '_raw'] as const;
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', 'date', '_time'] as const;
// Objects that hold the entry one level below: Google Cloud's journal, Elasticsearch, Datadog, Splunk.
const ENTRY_KEYS = ['jsonPayload', '_source', 'attributes', 'result'] as const;

/** Reads one JSON object as a log message. Null = JSON without a message; undefined = no JSON object. */
export function parseJsonMessage(json: string, clock: LogClock): JsonMessage | null | undefined {
  const fields = parseObject(json);
  if (fields === undefined) return undefined;
  const entry = ENTRY_KEYS.map((key) => fields[key]).find(isObject);
  return messageOf(entry === undefined ? fields : { ...fields, ...entry }, clock);
}

/** The message among the fields of a log entry; null = there is none. */
export function messageOf(fields: Readonly<Record<string, unknown>>, clock: LogClock): JsonMessage | null {
  const text = MESSAGE_KEYS.map((key) => messageText(fields[key])).find((found) => found !== null);
  if (text === undefined || text === null) return null;
  return {
    text: text.endsWith('\n') ? text.slice(0, -1) : text,
    bootUs:
      microseconds(fields['_SOURCE_MONOTONIC_TIMESTAMP']) ??
      microseconds(fields['__MONOTONIC_TIMESTAMP']) ??
      printkTimeUs(fields),
    epochUs: microseconds(fields['__REALTIME_TIMESTAMP']) ?? writtenTimeUs(fields, clock),
    host: hostOf(fields),
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

/** The time since boot as `dmesg -J` ("time") and Fluent Bit's kmsg ("sec", "usec") have it. */
function printkTimeUs(fields: Readonly<Record<string, unknown>>): number | null {
  const { time, sec, usec } = fields;
  if (!('msg' in fields)) return null;
  if (typeof sec === 'number' && typeof usec === 'number') return plausibleUs(sec * 1_000_000 + usec);
  return typeof time === 'number' && time < SECONDS_FROM ? plausibleUs(Math.round(time * 1_000_000)) : null;
}

function writtenTimeUs(fields: Readonly<Record<string, unknown>>, clock: LogClock): number | null {
  for (const key of TIME_KEYS) {
    const value = fields[key];
    if (typeof value === 'number') return epochUsOfNumber(value);
    const text = stringOrNull(value) ?? '';
    if (/^\d{10,19}$/.test(text)) return epochUsOfNumber(Number(text));
    const time = parseIsoTime(text);
    if (time !== null) return clock.epochUs(time);
  }
  return null;
}

/** Three years after 1970: what is smaller is no date. */
const SECONDS_FROM = 1e8;

/** Seconds, milli-, micro- or nanoseconds since 1970, told by how large they are; null = none of them. */
function epochUsOfNumber(value: number): number | null {
  if (value < SECONDS_FROM) return null;
  const unitUs = value < 1e11 ? 1e6 : value < 1e14 ? 1e3 : value < 1e17 ? 1 : 1e-3;
  return plausibleUs(Math.round(value * unitUs));
}

/** journald's name, or that of a log shipper: "host": "a" or {"name": "a"}. */
function hostOf(fields: Readonly<Record<string, unknown>>): string | null {
  const { _HOSTNAME: journal, host, hostname } = fields;
  return (
    stringOrNull(journal) ??
    stringOrNull(host) ??
    stringOrNull(hostname) ??
    (isObject(host) ? stringOrNull(host['name']) : null)
  );
}

function writtenByKernel(fields: Readonly<Record<string, unknown>>): boolean | null {
  if (fields['_TRANSPORT'] === 'kernel' || fields['SYSLOG_IDENTIFIER'] === 'kernel') return true;
  return '_TRANSPORT' in fields || 'SYSLOG_IDENTIFIER' in fields ? false : null;
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
