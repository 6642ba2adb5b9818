import type { CarriedLine } from './carried-line.js';
import { fractionToUs, type LogClock, monthNumber, plausibleUs } from './log-clock.js';

// What printk and dmesg put before a message. Each function takes one wrapping off and tells whether it was there.

const PRIORITY = /<(\d{1,3})>/y;
const BOOT_TIME = /\[ *(\d{1,10})\.(\d{6})(?: *< *\d{0,10}\.?\d{0,6} *>)?\] ?/y;
const CALLER = /\[ *([TC]\d{1,10})\] ?/y;
const VENDOR_CALLER =
  / *(?:[A-Z]?\[\d{1,2}: *[^\]]{1,24}: *\d{1,10}\]|\(\d{1,2}\)\[\d{1,10}:[^\]]{1,32}\]|c\d{1,2} +\d{1,10}(?= )) ?/y;
const CTIME =
  /\[[^\s\]]{1,12} ([^\s\]]{1,8}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})(?: *< *[+\d.]{0,18} *>)?\] ?/y;
const DELTA = /\[ *[+<] *(\d{1,8})\.(\d{1,6}) *>?\] ?/y;
const MINUTE = /\[([A-Z][a-z]{2}) ?(\d{1,2}) (\d\d):(\d\d)\] ?/y;
const DECODED_PRIORITY = /([a-z]{2,8}[0-7]?) *:(?:emerg|alert|crit|err|warn|notice|info|debug) *: ?/y;
const KMSG_HEADER = /(\d{1,4}),\d{1,20},(\d{1,15}),[^;]{0,200};/y;

/** "<6>" of printk, `dmesg -r` and the syslog protocol: 3 bits of level, the rest facility. 0 is the kernel's. */
export function takePriority(line: CarriedLine): boolean {
  const match = matchAt(PRIORITY, line);
  if (match === null) return false;
  if (Number(match[1]) > 7 && line.fromKernel === null) line.fromKernel = false;
  return true;
}

/** "[   12.345678] " of printk.time and `dmesg`, with the delta of `dmesg -d` or journalctl's short-delta. */
export function takeBootTime(line: CarriedLine): boolean {
  const match = matchAt(BOOT_TIME, line);
  if (match === null) return false;
  line.bootUs ??= plausibleUs(Number(match[1]) * 1_000_000 + Number(match[2]));
  return true;
}

/** "[ T1234] " of CONFIG_PRINTK_CALLER. */
export function takeCaller(line: CarriedLine): boolean {
  const match = matchAt(CALLER, line);
  if (match === null) return false;
  line.callerId = match[1] ?? null;
  return true;
}

/** CPU and thread as the kernels of phones write them behind the time: "[2:  kswapd0:   89] ", "(1)[89:kswapd0]", "c1     89 ". */
export function takeVendorCaller(line: CarriedLine): void {
  matchAt(VENDOR_CALLER, line);
}

/** "[Thu Jan  2 03:04:05 2024] " of `dmesg -T`; names may be in any language, of months only English ones are understood. */
export function takeCtime(line: CarriedLine, clock: LogClock): boolean {
  const match = matchAt(CTIME, line);
  if (match === null) return false;
  const epochUs = clock.epochUs({
    year: Number(match[6]),
    month: monthNumber(match[1] ?? ''),
    day: Number(match[2]),
    hour: Number(match[3]),
    minute: Number(match[4]),
    second: Number(match[5]),
    microsecond: 0,
    utcOffsetMinutes: null,
  });
  line.epochUs = epochUs ?? line.epochUs;
  return true;
}

/** "[Jan12 03:04] " and "[  +0.000123] " of `dmesg -H`; "[<    0.000123>] " of `dmesg -t -d`. */
export function takeRelativeTime(line: CarriedLine, clock: LogClock): boolean {
  const delta = matchAt(DELTA, line);
  if (delta !== null) {
    line.sinceLastUs = Number(delta[1]) * 1_000_000 + fractionToUs(delta[2] ?? '');
    return true;
  }
  const minute = matchAt(MINUTE, line);
  if (minute === null) return false;
  line.epochUs = clock.epochUs({
    year: null,
    month: monthNumber(minute[1] ?? ''),
    day: Number(minute[2]),
    hour: Number(minute[3]),
    minute: Number(minute[4]),
    second: 0,
    microsecond: 0,
    utcOffsetMinutes: null,
  });
  line.minuteOnly = true;
  return true;
}

/** "kern  :info  : " of `dmesg -x`. */
export function takeDecodedPriority(line: CarriedLine): boolean {
  const match = matchAt(DECODED_PRIORITY, line);
  if (match === null) return false;
  line.fromKernel ??= match[1] === 'kern';
  return true;
}

/** "6,1234,5678901,-,caller=T12;" of /dev/kmsg: priority, sequence number, µs since boot, flags. */
export function takeKmsgHeader(line: CarriedLine): boolean {
  const match = matchAt(KMSG_HEADER, line);
  if (match === null) return false;
  line.fromKernel ??= Number(match[1]) >> 3 === 0;
  line.bootUs ??= Number(match[2]);
  line.callerId = /,caller=([TC]\d{1,10})[,;]/.exec(match[0])?.[1] ?? null;
  line.text = unescapeKmsg(line.text.slice(line.at));
  line.at = 0;
  return true;
}

/** /dev/kmsg writes control characters, bytes above 126 and the backslash as \xNN. */
function unescapeKmsg(text: string): string {
  if (!text.includes('\\x')) return text;
  // Neighbouring escapes are the bytes of one UTF-8 sequence.
  return text.replace(/(?:\\x[0-9a-f]{2})+/g, (escapes) => {
    const bytes = Uint8Array.from({ length: escapes.length / 4 }, (_, i) =>
      Number.parseInt(escapes.slice(i * 4 + 2, i * 4 + 4), 16),
    );
    return new TextDecoder().decode(bytes);
  });
}

/** Matches a sticky expression at the line's rest and moves behind it. */
export function matchAt(expression: RegExp, line: CarriedLine): RegExpExecArray | null {
  expression.lastIndex = line.at;
  const match = expression.exec(line.text);
  if (match !== null) line.at = expression.lastIndex;
  return match;
}
