import type { CarriedLine } from './carried-line.js';
import { fractionToUs, type LogClock, monthNumber, parseIsoTime, parseUtcOffset, plausibleUs } from './log-clock.js';
import { matchAt } from './printk-prefix.js';

// What syslog daemons, journalctl and container runtimes put before a message.

const CLASSIC_TIME =
  /(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?: (\d{4}))? /y;
const FULL_DATE =
  /[A-Z][a-z]{2} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) ([A-Z][A-Za-z]{1,5}|[+-]\d\d(?::?\d\d)?) /y;
const ISO_TIME =
  /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:([.,])\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?(?:\d\d)?))?(?=[ \t]|$) ?/y;
const CRI_STREAM = /std(?:out|err) [FP](?::\S{0,64})? /y;
/** logcli's labels. */
const LABELS = /\{[^{}]{0,1000}\} /y;
/** fluentd's tag, between tabs. */
const FLUENTD_TAG = /\t[^\t]{0,200}\t(?=\{)/y;
const LOGCAT =
  /(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{3,6}) +(?:\S{1,32} +)?\d{1,10} +\d{1,10} [VDIWEF] (\S{0,64}) *: /y;
const TALOS =
  /(?:(\S{1,255}): )?([a-z]{2,8}[0-7]?): +(?:emerg|alert|crit|err|warning|notice|info|debug): \[(\d{4}-\d\d-\d\dT[\d:.]{8,18}Z)\]: /y;
const UNIX_TIME = /(\d{9,10})\.(\d{6}) /y;
const RFC5424_HEADER =
  /1 (\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)) (\S{1,255}) (\S{1,48}) \S{1,128} \S{1,32} (?:-|\[[^\]]{0,512}\])(?: |$)/y;
const BYTE_ORDER_MARK = /\uFEFF/y;
const HOST_AND_KERNEL = /([^\s:]{1,255}) kernel(?:\[\d{1,10}\])?: ?/y;
const KERNEL_TAG = /(?:(?!kernel[:[])(\S{1,255}) )?(?:[a-z0-9]{2,8}\.[a-z]{3,7} )?kernel(?:\[\d{1,10}\])?: ?/y;
const HOST_BEFORE_BOOT_TIME = /\S{1,255} (?=\[ *\d{1,10}\.\d{6}\])/y;
const TAG = /[^\s:[\]]{1,128}(?:\[\d{1,10}\])?: /y;
const HOST_AND_TAG = /[^\s:]{1,255} (?:[a-z0-9]{2,8}\.[a-z]{3,7} )?[^\s:[\]]{1,128}(?:\[\d{1,10}\])?: /y;

/** "Jan  2 03:04:05 host kernel: ": RFC 3164, journalctl's short and short-precise, busybox's logread. */
export function takeClassicSyslog(line: CarriedLine, clock: LogClock): boolean {
  const match = matchAt(CLASSIC_TIME, line);
  if (match === null) return false;
  const year = match[3] ?? match[8];
  const epochUs = clock.epochUs({
    year: year === undefined ? null : Number(year),
    month: monthNumber(match[1] ?? ''),
    day: Number(match[2]),
    hour: Number(match[4]),
    minute: Number(match[5]),
    second: Number(match[6]),
    microsecond: fractionToUs(match[7] ?? ''),
    utcOffsetMinutes: null,
  });
  line.epochUs = epochUs ?? line.epochUs;
  if (!takeKernelTag(line) && takeOtherTag(line)) line.fromKernel = false;
  // Some loggers leave the tag out and keep printk's time.
  else if (line.fromKernel === null) matchAt(HOST_BEFORE_BOOT_TIME, line);
  return true;
}

/** "Thu 2024-01-02 03:04:05 CET host kernel: ": journalctl's short-full and with-unit. */
export function takeFullDate(line: CarriedLine, clock: LogClock): boolean {
  const match = matchAt(FULL_DATE, line);
  if (match === null) return false;
  const time = parseIsoTime(match[1] ?? '');
  // "CET" and the like name different zones in different countries: only UTC and numbers are taken at their word.
  if (time !== null) line.epochUs = clock.epochUs({ ...time, utcOffsetMinutes: parseUtcOffset(match[2] ?? '') });
  if (!takeKernelTag(line) && takeOtherTag(line)) line.fromKernel = false;
  return true;
}

/**
 * "2024-01-02T03:04:05.678901+00:00 " and what follows it: "stderr F " (CRI), "host kernel: " (rsyslog, journalctl's
 * short-iso), "1 …" was taken before (RFC 5424), or the bare message (`dmesg --time-format=iso`, kubectl --timestamps).
 */
export function takeIsoTime(line: CarriedLine, clock: LogClock): boolean {
  const match = matchAt(ISO_TIME, line);
  if (match === null) return false;
  const time = parseIsoTime(match[0].trim());
  if (time !== null) line.epochUs = clock.epochUs(time) ?? line.epochUs;
  // dmesg alone writes a comma, and nothing between it and the message.
  if (match[1] === ',') return true;
  if (matchAt(CRI_STREAM, line) !== null || matchAt(FLUENTD_TAG, line) !== null) return true;
  matchAt(LABELS, line);
  if (takeKernelTag(line)) return true;
  if (takeHostAndOtherTag(line)) line.fromKernel = false;
  // `aws logs tail` has the name of a stream there.
  else if (line.fromKernel === null) matchAt(HOST_BEFORE_BOOT_TIME, line);
  return true;
}

/** "01-02 03:04:05.678     0     0 W kernel  : ": Android's logcat; the kernel's buffer has no tag, or this one. */
export function takeLogcat(line: CarriedLine, clock: LogClock): boolean {
  const match = matchAt(LOGCAT, line);
  if (match === null) return false;
  const [month, day, hour, minute, second] = match.slice(1, 6).map(Number);
  const epochUs = clock.epochUs({
    year: null,
    month: month ?? 0,
    day: day ?? 0,
    hour: hour ?? 0,
    minute: minute ?? 0,
    second: second ?? 0,
    microsecond: fractionToUs(match[6] ?? ''),
    utcOffsetMinutes: null,
  });
  line.epochUs = epochUs ?? line.epochUs;
  line.fromKernel = match[7] === '' || match[7] === 'kernel';
  return true;
}

/** "10.0.0.5: kern: warning: [2024-01-02T03:04:05.678901234Z]: ": `talosctl dmesg`. */
export function takeTalos(line: CarriedLine, clock: LogClock): boolean {
  if (!line.text.includes('Z]: ')) return false;
  const match = matchAt(TALOS, line);
  if (match === null) return false;
  const time = parseIsoTime(match[3] ?? '');
  if (time !== null) line.epochUs = clock.epochUs(time) ?? line.epochUs;
  line.host ??= match[1] ?? null;
  line.fromKernel = match[2] === 'kern';
  return true;
}

/** "1704164645.678901 host kernel: ": journalctl's short-unix. */
export function takeUnixTime(line: CarriedLine): boolean {
  const match = matchAt(UNIX_TIME, line);
  if (match === null) return false;
  line.epochUs = plausibleUs(Number(match[1]) * 1_000_000 + Number(match[2])) ?? line.epochUs;
  if (!takeKernelTag(line) && takeOtherTag(line)) line.fromKernel = false;
  return true;
}

/** "1 2024-01-02T03:04:05.678Z host kernel - - - ": RFC 5424, after its priority. */
export function takeRfc5424(line: CarriedLine, clock: LogClock): boolean {
  const match = matchAt(RFC5424_HEADER, line);
  if (match === null) return false;
  const time = parseIsoTime(match[1] ?? '');
  if (time !== null) line.epochUs = clock.epochUs(time) ?? line.epochUs;
  line.host ??= match[2] === '-' ? null : (match[2] ?? null);
  line.fromKernel = match[3] === 'kernel';
  matchAt(BYTE_ORDER_MARK, line);
  return true;
}

/** "host kernel: " after journalctl's short-monotonic time. The host is required: a message may begin with "kernel: ". */
export function takeHostAndKernelTag(line: CarriedLine): boolean {
  const match = matchAt(HOST_AND_KERNEL, line);
  if (match === null) return false;
  line.host ??= match[1] ?? null;
  line.fromKernel = true;
  return true;
}

/** "host kernel: ", "host kern.info kernel: ", "kernel: ". */
function takeKernelTag(line: CarriedLine): boolean {
  const match = matchAt(KERNEL_TAG, line);
  if (match === null) return false;
  // "Thu Jan  2 03:04:05 2024 kern.info kernel: " of logread names no host.
  const host = match[1];
  if (host !== undefined && !/^[a-z0-9]{2,8}\.(?:emerg|alert|crit|err|warn|notice|info|debug)$/.test(host)) {
    line.host ??= host;
  }
  line.fromKernel = true;
  return true;
}

/** "host sshd[123]: " or "sshd[123]: ": someone else's message. */
function takeOtherTag(line: CarriedLine): boolean {
  return takeHostAndOtherTag(line) || matchAt(TAG, line) !== null;
}

function takeHostAndOtherTag(line: CarriedLine): boolean {
  return matchAt(HOST_AND_TAG, line) !== null;
}
