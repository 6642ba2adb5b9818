import type { CarriedLine } from './carried-line.js';
import type { LogClock } from './log-clock.js';
import {
  matchAt,
  takeBootTime,
  takeCaller,
  takeCtime,
  takeDecodedPriority,
  takeKmsgHeader,
  takePriority,
  takeRelativeTime,
  takeVendorCaller,
} from './printk-prefix.js';
import {
  takeClassicSyslog,
  takeFullDate,
  takeHostAndKernelTag,
  takeIsoTime,
  takeLogcat,
  takeRfc5424,
  takeTalos,
  takeUnixTime,
} from './syslog-prefix.js';

/** More wrappings than any real log has: "ISO stderr F" of "<6>" of "[time]" of "[caller]" are four. */
const MAX_WRAPPINGS = 8;

/** What people and tools put before a dated line: blanks, a line's number, a file's name, a mail's ">". */
const BEFORE_DATE =
  /(?:[ \t]{1,40}|(?:> ?){1,8}|[ \t]{0,8}\d{1,9}[\t:]|[^\s:]{1,200}:(?:\d{1,9}:)?)(?=(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d))/y;

/**
 * Where the kernel's words begin in a line with a prefix of no known kind: behind "kernel:", at printk's time, or at the words
 * of a kill, which tools such as `kubectl describe node` show alone.
 */
const UNKNOWN_PREFIX =
  /^.{1,300}?(?:\bkernel(?:\[\d{1,10}\])?: ?|(?=\[ *\d{1,10}\.\d{6}\])|(?=(?:Memory cgroup out|Out) of memory: Kill(?:ed)? process \d))/;
const KILL_IN_LINE = /: Kill(?:ed)? process \d/;
const SEARCHED_LENGTH = 400;
const BLANKS = /[ \t]+(?=[[<])/y;

/** Takes all wrappings off, outermost first. False = there was none. */
export function unwrapLine(line: CarriedLine, clock: LogClock): boolean {
  if (takeTalos(line, clock) || takeWrappings(line, clock)) return true;
  if (matchAt(BEFORE_DATE, line) !== null && takeWrappings(line, clock)) return true;
  line.at = 0;
  const { text } = line;
  if (isIndented(text) && !KILL_IN_LINE.test(text)) return false;
  const unknown = UNKNOWN_PREFIX.exec(text.length > SEARCHED_LENGTH ? text.slice(0, SEARCHED_LENGTH) : text);
  if (unknown === null) return false;
  line.at = unknown[0].length;
  // "msg=…" and cells of a table end as they begin.
  if (unknown[0].endsWith('"') && text.endsWith('"')) line.text = text.slice(0, -1);
  takeWrappings(line, clock);
  return true;
}

export function isIndented(text: string): boolean {
  return text.startsWith(' ') || text.startsWith('\t');
}

function takeWrappings(line: CarriedLine, clock: LogClock): boolean {
  let taken = 0;
  while (taken < MAX_WRAPPINGS && takeWrapping(line, clock)) taken++;
  return taken > 0;
}

function takeWrapping(line: CarriedLine, clock: LogClock): boolean {
  const code = line.text.charCodeAt(line.at);
  if (code === CODE.bracket) {
    if (takeBootTime(line)) {
      if (!takeHostAndKernelTag(line)) takeVendorCaller(line);
      return true;
    }
    return takeCaller(line) || takeCtime(line, clock) || takeRelativeTime(line, clock);
  }
  if (code === CODE.less) return takePriority(line);
  if (code >= CODE.zero && code <= CODE.nine) {
    return (
      takeKmsgHeader(line) ||
      takeIsoTime(line, clock) ||
      takeUnixTime(line) ||
      takeRfc5424(line, clock) ||
      takeLogcat(line, clock)
    );
  }
  if (code >= CODE.upperA && code <= CODE.upperZ) return takeClassicSyslog(line, clock) || takeFullDate(line, clock);
  // Every message that begins with a small letter comes here: the outer wrappings tell whether it can be one.
  if (code >= CODE.lowerA && code <= CODE.lowerZ) {
    return line.fromKernel === null && line.bootUs === null && takeDecodedPriority(line);
  }
  // Blanks before "[": `dmesg` puts some between its time and the caller, pasted logs before the time.
  return (code === CODE.blank || code === CODE.tab) && matchAt(BLANKS, line) !== null && takeWrapping(line, clock);
}

const CODE = {
  tab: 0x09,
  blank: 0x20,
  zero: 0x30,
  nine: 0x39,
  less: 0x3c,
  upperA: 0x41,
  upperZ: 0x5a,
  bracket: 0x5b,
  lowerA: 0x61,
  lowerZ: 0x7a,
} as const;
