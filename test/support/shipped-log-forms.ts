// Kernel messages as log shippers, cloud consoles, phones and people hand them on.

import {
  bootStamp,
  bootUsOf,
  type Carrier,
  epochUsOf,
  form,
  HOST,
  isoMicros,
  isoOf,
  joined,
  type LogRecord,
  repeated,
  syslogStamp,
} from './log-forms.js';

/** An object a line of the kernel's, a line of JSON each. */
function jsonLines(records: readonly LogRecord[], object: (line: string, index: number) => object): string {
  return joined(records, (record, i) => record.map((line) => JSON.stringify(object(line, i))));
}

/** The same as one list, over many lines. */
function jsonList(records: readonly LogRecord[], key: string, object: (line: string, index: number) => object): string {
  const list = records.flatMap((record, i) => record.map((line) => object(line, i)));
  return `${JSON.stringify({ [key]: list }, null, 4)}\n`;
}

function around(records: readonly LogRecord[], write: (line: string, index: number) => string): string {
  return joined(records, (record, i) => record.map((line) => write(line, i)));
}

const millisOf = (index: number) => Math.floor(epochUsOf(index) / 1000);

export const SHIPPED: readonly Carrier[] = [
  form('aws logs tail', 1, 1, (records) =>
    repeated(records, (i) => `${isoMicros(i, '.', '+00:00')} i-0abc/dmesg ${bootStamp(i)}`),
  ),
  form('aws logs filter-log-events', 1, 1_000, (records) =>
    jsonList(records, 'events', (line, i) => ({
      logStreamName: 'i-0abc',
      timestamp: millisOf(i),
      message: `${bootStamp(i)}${line}`,
      eventId: '37',
    })),
  ),
  form('CloudWatch Insights', null, 1_000, (records) =>
    jsonLines(records, (line, i) => ({ '@timestamp': `${isoOf(i).slice(0, -1).replace('T', ' ')}`, '@message': line })),
  ),
  form('aws ec2 get-console-output', 1, null, (records) =>
    JSON.stringify({ InstanceId: 'i-0abc', Output: repeated(records, bootStamp).replaceAll('\n', '\r\n') }, null, 4),
  ),
  form('Google Cloud serial port', 1, 1, (records) =>
    jsonLines(records, (line, i) => ({ textPayload: `${bootStamp(i)}${line}`, timestamp: isoMicros(i, '.', 'Z') })),
  ),
  form('Loki, logcli', null, 1, (records) =>
    repeated(records, (i) => `${isoMicros(i, '.', 'Z')} {host="n1", job="systemd-journal"} `),
  ),
  form('Fluent Bit, kmsg', 1, 1, (records) =>
    jsonLines(records, (line, i) => ({
      date: epochUsOf(i) / 1_000_000,
      priority: 4,
      sec: Math.floor(bootUsOf(i) / 1_000_000),
      usec: bootUsOf(i) % 1_000_000,
      msg: line,
    })),
  ),
  form(
    'fluentd, file',
    null,
    1_000_000,
    (records) =>
      around(
        records,
        (line, i) => `${isoOf(i).slice(0, 19)}+00:00\tkernel\t${JSON.stringify({ message: line, host: HOST })}`,
      ),
    true,
  ),
  form(
    'Elasticsearch',
    null,
    1_000,
    (records) =>
      jsonLines(records, (line, i) => ({
        _index: 'logs',
        _source: { '@timestamp': isoOf(i), host: { name: HOST }, message: line, log: { offset: i } },
      })),
    true,
  ),
  form(
    'Vector, journald',
    1,
    1,
    (records) =>
      jsonLines(records, (line, i) => ({
        _TRANSPORT: 'kernel',
        _SOURCE_MONOTONIC_TIMESTAMP: String(bootUsOf(i)),
        host: HOST,
        message: line,
        timestamp: isoMicros(i, '.', 'Z'),
      })),
    true,
  ),
  form(
    'Splunk',
    null,
    1_000,
    (records) =>
      jsonLines(records, (line, i) => ({
        preview: false,
        result: { _raw: line, _time: isoOf(i), host: HOST },
      })),
    true,
  ),
  form('JSON in a containerd log', 1, 1, (records) =>
    around(
      records,
      (line, i) =>
        `${isoMicros(i, '.', '234Z')} stdout F ${JSON.stringify({ level: 'warn', msg: `${bootStamp(i)}${line}` })}`,
    ),
  ),
  form('logfmt around dmesg', 1, null, (records) =>
    around(records, (line, i) => `ts=${isoOf(i)} level=warn msg="${bootStamp(i)}${line}"`),
  ),
  form(
    'talosctl dmesg',
    null,
    1,
    (records) => repeated(records, (i) => `${HOST}: kern: warning: [${isoMicros(i, '.', '000Z')}]: `),
    true,
  ),
  form('logcat, kernel buffer', null, 1_000, (records) =>
    repeated(records, (i) => {
      const iso = isoOf(i);
      return `${iso.slice(5, 10)} ${iso.slice(11, 23)}     0     0 W kernel  : `;
    }),
  ),
  form('a phone’s kernel', 1, null, (records) =>
    repeated(records, (i) => `<4>${bootStamp(i)} [2:  kworker/0:1:  811] `),
  ),
  form('serial console, carriage returns on both sides', 1, null, (records) =>
    around(records, (line, i) => `\r${bootStamp(i)}${line}\r\r`),
  ),
  form('copied from a terminal, with its blanks', 1, null, (records) =>
    around(records, (line, i) => `${bootStamp(i)}${line}`.padEnd(240)),
  ),
  form('quoted in a mail', 1, null, (records) => repeated(records, (i) => `> > ${bootStamp(i)}`)),
  form(
    'pasted with numbers of lines',
    1,
    1_000_000,
    (records) =>
      repeated(records, (i) => `${String(i + 100).padStart(6)}\t${syslogStamp(i)} ${HOST} kernel: ${bootStamp(i)}`),
    true,
  ),
  form(
    'pasted with an indentation',
    1,
    1,
    (records) => repeated(records, (i) => `    ${isoMicros(i, '.', '+00:00')} ${HOST} kernel: ${bootStamp(i)}`),
    true,
  ),
];
