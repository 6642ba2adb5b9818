// Kernel messages as the tools and daemons write them that people copy logs with.

import {
  bootStamp,
  bootUsOf,
  type Carrier,
  ctime,
  epochUsOf,
  form,
  HOST,
  indented,
  isoMicros,
  isoOf,
  joined,
  type LogRecord,
  microsOf,
  repeated,
  syslogStamp,
} from './log-forms.js';
import { SHIPPED } from './shipped-log-forms.js';

const BOOT_ID = '0f5a3c1de24b4a7f9b1c2d3e4f5a6b7c';

/** Reads a file of test/fixtures/kernel-logs: a line that begins with "|" belongs to the record above it. */
export function parseRecords(text: string): LogRecord[] {
  const records: string[][] = [];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('|')) records.at(-1)?.push(line.slice(1));
    else records.push([line]);
  }
  return records;
}

function oneLine(records: readonly LogRecord[], write: (record: LogRecord, index: number) => string): string {
  return joined(records, (record, index) => [write(record, index)]);
}

function journal(record: LogRecord, index: number, message: unknown): Record<string, unknown> {
  return {
    __REALTIME_TIMESTAMP: String(epochUsOf(index)),
    _SOURCE_MONOTONIC_TIMESTAMP: String(bootUsOf(index)),
    _TRANSPORT: 'kernel',
    SYSLOG_IDENTIFIER: 'kernel',
    PRIORITY: record.length > 1 ? '6' : '4',
    _HOSTNAME: HOST,
    _BOOT_ID: BOOT_ID,
    MESSAGE: message,
  };
}

const RED = '\u001b[31m';
const GREEN = '\u001b[32m';
const PLAIN = '\u001b[0m';

export const CARRIERS: readonly Carrier[] = [
  form('dmesg', 1, null, (records) => indented(records, bootStamp)),
  form('dmesg -r, serial console with levels', 1, null, (records) => repeated(records, (i) => `<6>${bootStamp(i)}`)),
  form('dmesg -T', null, 1_000_000, (records) => indented(records, (i) => `[${ctime(i)}] `)),
  form('dmesg -T in colours', null, 1_000_000, (records) =>
    indented(records, (i) => `${GREEN}[${ctime(i)}] ${PLAIN}${RED}`).replaceAll('\n', `${PLAIN}\n`),
  ),
  form('dmesg -x', 1, null, (records) => indented(records, (i) => `kern  :info  : ${bootStamp(i)}`)),
  form('dmesg -d', 1, null, (records) => indented(records, (i) => bootStamp(i).replace(']', ' <    0.000037>]'))),
  form('dmesg -H', null, 60_000_000, (records) =>
    indented(records, (i) => (i === 0 ? '[Jan 2 03:04] ' : '[  +0.000037] ')),
  ),
  form('dmesg -t', null, null, (records) => indented(records, () => '')),
  form('dmesg --time-format=iso', null, 1, (records) => indented(records, (i) => `${isoMicros(i, ',', '+00:00')} `)),
  form('dmesg -J', 1, null, dmesgJson),
  form('/dev/kmsg', 1, null, (records) =>
    oneLine(
      records,
      (record, i) => `6,${1000 + i},${bootUsOf(i)},-,caller=T811;${record.map(kmsgEscape).join('\\x0a')}`,
    ),
  ),
  form('serial console', 1, null, (records) => repeated(records, bootStamp)),
  form('serial console, callers, CRLF', 1, null, (records) =>
    repeated(records, (i) => `${bootStamp(i).trimEnd()}[  T811] `).replaceAll('\n', '\r\n'),
  ),
  form(
    'journalctl -k',
    null,
    1_000_000,
    (records) => indented(records, (i) => `${syslogStamp(i)} ${HOST} kernel: `),
    true,
  ),
  form(
    'journalctl -o short-precise',
    null,
    1,
    (records) => indented(records, (i) => `${syslogStamp(i)}.${microsOf(epochUsOf(i))} ${HOST} kernel: `),
    true,
  ),
  form(
    'journalctl -o short-full',
    null,
    1_000_000,
    (records) =>
      indented(records, (i) => `Tue ${isoOf(i).slice(0, 10)} ${isoOf(i).slice(11, 19)} UTC ${HOST} kernel: `),
    true,
  ),
  form(
    'journalctl -o short-iso',
    null,
    1_000_000,
    (records) => indented(records, (i) => `${isoOf(i).slice(0, 19)}+0000 ${HOST} kernel: `),
    true,
  ),
  form(
    'journalctl -o short-iso-precise',
    null,
    1,
    (records) => indented(records, (i) => `${isoMicros(i, '.', '+00:00')} ${HOST} kernel: `),
    true,
  ),
  form(
    'journalctl -o short-monotonic',
    1,
    null,
    (records) => indented(records, (i) => `${bootStamp(i)}${HOST} kernel: `),
    true,
  ),
  form(
    'journalctl -o short-unix',
    null,
    1,
    (records) =>
      indented(records, (i) => `${Math.floor(epochUsOf(i) / 1e6)}.${microsOf(epochUsOf(i))} ${HOST} kernel: `),
    true,
  ),
  form('journalctl -o cat', null, null, (records) => repeated(records, () => '')),
  form(
    'journalctl -o json',
    1,
    1,
    (records) => oneLine(records, (record, i) => JSON.stringify(journal(record, i, record.join('\n')))),
    true,
  ),
  form(
    'journalctl -o json, messages as bytes',
    1,
    1,
    (records) =>
      oneLine(records, (record, i) =>
        JSON.stringify(journal(record, i, [...new TextEncoder().encode(record.join('\n'))])),
      ),
    true,
  ),
  form(
    'journalctl -o json-pretty',
    1,
    1,
    (records) => oneLine(records, (record, i) => JSON.stringify(journal(record, i, record.join('\n')), null, '\t')),
    true,
  ),
  form(
    'journalctl -o json-sse',
    1,
    1,
    (records) => oneLine(records, (record, i) => `data: ${JSON.stringify(journal(record, i, record.join('\n')))}\n`),
    true,
  ),
  form(
    'journalctl -o export',
    1,
    1,
    (records) =>
      joined(records, (record, i) => [
        `__CURSOR=s=1;i=${i}`,
        ...Object.entries(journal(record, i, record.join('\n'))).map(([name, value]) =>
          exportField(name, String(value)),
        ),
        '',
      ]),
    true,
  ),
  form(
    'syslog, RFC 3164',
    1,
    1_000_000,
    (records) =>
      oneLine(records, (record, i) => `${syslogStamp(i)} ${HOST} kernel: ${bootStamp(i)}${record.join('#012')}`),
    true,
  ),
  form(
    'syslog, RFC 3164 with priority, busybox tag',
    null,
    1_000_000,
    (records) => repeated(records, (i) => `<6>${syslogStamp(i)} ${HOST} kern.info kernel: `),
    true,
  ),
  form(
    'syslog, ISO',
    1,
    1,
    (records) => repeated(records, (i) => `${isoMicros(i, '.', '+00:00')} ${HOST} kernel: ${bootStamp(i)}`),
    true,
  ),
  form(
    'syslog, RFC 5424',
    1,
    1,
    (records) => repeated(records, (i) => `<6>1 ${isoMicros(i, '.', 'Z')} ${HOST} kernel - - - ${bootStamp(i)}`),
    true,
  ),
  form('OpenWrt logread', 1, 1_000_000, (records) =>
    repeated(records, (i) => `${ctime(i)} kern.info kernel: ${bootStamp(i)}`),
  ),
  form('containerd log around dmesg', 1, 1, (records) =>
    repeated(records, (i) => `${isoMicros(i, '.', '234Z')} stderr F ${bootStamp(i)}`),
  ),
  form('containerd log around bare messages', null, 1, (records) =>
    repeated(records, (i) => `${isoMicros(i, '.', '000Z')} stdout F `),
  ),
  form('Docker log around dmesg', 1, 1, (records) =>
    joined(records, (record, i) =>
      record.map((line) =>
        JSON.stringify({ log: `${bootStamp(i)}${line}\n`, stream: 'stdout', time: isoMicros(i, '.', '000Z') }),
      ),
    ),
  ),
  form(
    'Google Cloud Logging',
    null,
    1_000,
    (records) =>
      JSON.stringify(
        records.flatMap((record, i) =>
          record.map((line) => ({
            insertId: 'x1',
            jsonPayload: { MESSAGE: line, SYSLOG_IDENTIFIER: 'kernel', _HOSTNAME: HOST },
            resource: { labels: { node: 'n1' }, type: 'k8s_node' },
            timestamp: isoOf(i),
          })),
        ),
        null,
        2,
      ),
    true,
  ),
  form('kubectl logs --timestamps', null, 1, (records) => repeated(records, (i) => `${isoMicros(i, '.', '000Z')} `)),
  form(
    'grep over syslog files',
    1,
    1_000_000,
    (records) =>
      repeated(records, (i) => `/var/log/messages-20240107:${syslogStamp(i)} ${HOST} kernel: ${bootStamp(i)}`),
    true,
  ),
  ...SHIPPED,
];

/** Values of several lines stand below their length in bytes: eight of them, the least first. */
function exportField(name: string, value: string): string {
  if (!value.includes('\n')) return `${name}=${value}`;
  const length = new TextEncoder().encode(value).length;
  return `${name}\n${String.fromCharCode(length & 0x7f, (length >> 7) & 0x7f)}${'\0'.repeat(6)}${value}`;
}

function dmesgJson(records: readonly LogRecord[]): string {
  const entries = records.map((record, i) => {
    const time = `${Math.floor(bootUsOf(i) / 1_000_000)}.${microsOf(bootUsOf(i))}`;
    return `{\n         "pri": 6,\n         "time":  ${time},\n         "msg": ${JSON.stringify(record.join('\n'))}\n      }`;
  });
  return `{\n   "dmesg": [\n      ${entries.join(',')}\n   ]\n}\n`;
}

function kmsgEscape(line: string): string {
  return [...new TextEncoder().encode(line)]
    .map((byte) =>
      byte < 0x20 || byte > 0x7e || byte === 0x5c
        ? `\\x${byte.toString(16).padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('');
}
