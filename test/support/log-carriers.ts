// Kernel messages as the tools and daemons write them that people copy logs with.

/** One call of printk: mostly one line. */
export type LogRecord = readonly string[];

export interface Carrier {
  readonly name: string;
  /** Which clocks the form shows; a number is its resolution in µs. */
  readonly bootUs: number | null;
  readonly epochUs: number | null;
  readonly host: boolean;
  readonly write: (records: readonly LogRecord[]) => string;
}

/** 70 minutes after boot, at 2024-01-02 03:04:05.678901 UTC; each record 37 µs after the one before. */
export const FIRST_BOOT_US = 4_215_102_030;
export const FIRST_EPOCH_US = Date.UTC(2024, 0, 2, 3, 4, 5) * 1000 + 678_901;
export const STEP_US = 37;
export const HOST = 'web-1.example';
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

const bootUsOf = (index: number) => FIRST_BOOT_US + index * STEP_US;
const epochUsOf = (index: number) => FIRST_EPOCH_US + index * STEP_US;
const isoOf = (index: number) => new Date(Math.floor(epochUsOf(index) / 1000)).toISOString();
const microsOf = (us: number) => String(us % 1_000_000).padStart(6, '0');

function bootStamp(index: number): string {
  const us = bootUsOf(index);
  return `[${String(Math.floor(us / 1_000_000)).padStart(5)}.${microsOf(us)}] `;
}

/** "Tue Jan  2 03:04:05 2024". */
function ctime(index: number): string {
  const [weekday, day, month, year, time] = new Date(epochUsOf(index) / 1000).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}

/** "Jan  2 03:04:05". */
function syslogStamp(index: number): string {
  return ctime(index).slice(4, 19);
}

/** ISO with µs; `zone` as in "+00:00". */
function isoMicros(index: number, separator: string, zone: string): string {
  return `${isoOf(index).slice(0, 19)}${separator}${microsOf(epochUsOf(index))}${zone}`;
}

/** A prefix on the first line of each record, blanks of the same width on the others: dmesg and journalctl. */
function indented(records: readonly LogRecord[], prefix: (index: number) => string): string {
  return joined(records, (record, index) => {
    const first = prefix(index);
    return record.map((line, i) => (i === 0 ? first : ' '.repeat(first.length)) + line);
  });
}

/** A prefix on every line: the console, syslog(2), rsyslog. */
function repeated(records: readonly LogRecord[], prefix: (index: number) => string): string {
  return joined(records, (record, index) => record.map((line) => prefix(index) + line));
}

function oneLine(records: readonly LogRecord[], write: (record: LogRecord, index: number) => string): string {
  return joined(records, (record, index) => [write(record, index)]);
}

function joined(records: readonly LogRecord[], write: (record: LogRecord, index: number) => readonly string[]): string {
  return `${records.flatMap(write).join('\n')}\n`;
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
  form('grep over syslog files', 1, null, (records) =>
    repeated(records, (i) => `/var/log/messages-20240107:${syslogStamp(i)} ${HOST} kernel: ${bootStamp(i)}`),
  ),
];

function form(
  name: string,
  bootUs: number | null,
  epochUs: number | null,
  write: Carrier['write'],
  host = false,
): Carrier {
  return { name, bootUs, epochUs, host, write };
}

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
