import { type CarriedLine, carriedLine } from './carried-line.js';
import { JournalExportCollector } from './journal-export.js';
import { type JsonMessage, messageOf, parseJsonMessage, unwrapJson } from './json-line.js';
import { type ClockAssumptions, LogClock, plausibleUs } from './log-clock.js';
import { PrettyJsonCollector } from './pretty-json.js';
import type { ProblemList } from './problem.js';
import { isIndented, unwrapLine } from './wrappings.js';

/** One line of the kernel's own words, freed of what carried it. */
export interface KernelMessage {
  /** From 1; several messages can come from one line. */
  readonly lineNumber: number;
  /** µs since boot; null = the log does not say. */
  readonly bootUs: number | null;
  /** µs since 1970; null = the log does not say. */
  readonly epochUs: number | null;
  readonly host: string | null;
  readonly bootId: string | null;
  /** "T123": written by that thread; "C1": by CPU 1 outside of any (CONFIG_PRINTK_CALLER). */
  readonly callerId: string | null;
  /** Without its line end, its leading blanks kept. */
  readonly text: string;
}

/** Longer than printk can write; what is behind it is dropped, with a problem. */
const MAX_TEXT_LENGTH = 8 * 1024;

/** Colours and the like. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with.
const ESCAPE_SEQUENCE = /\u001b(?:\[[0-9;:?]{0,32}[ -/]?[@-~]|[@-Z\\-_])/g;

/** json-sse ("data: {…}") and json-seq (a record separator before each object). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the record separator is one.
const JSON_RECORD = /^(?:data: |\u001e)\{/;

/**
 * Reads log lines of any of the known formats, also mixed, as messages of the kernel. Lines of others are left out.
 * Formats: those of docs/import.md; printk-prefix.ts, syslog-prefix.ts and json-line.ts have them one by one.
 */
export class MessageReader {
  readonly #emit: (message: KernelMessage) => void;
  readonly #problems: ProblemList;
  readonly #clock: LogClock;
  readonly #pretty = new PrettyJsonCollector();
  readonly #export = new JournalExportCollector();
  /** The last message, for lines that continue it; 'other' = it was not the kernel's. */
  #last: KernelMessage | 'other' | null = null;
  /** Of `dmesg -H`: µs since 1970 of the line before. */
  #relativeUs: number | null = null;
  #jsonSeen = false;

  constructor(emit: (message: KernelMessage) => void, problems: ProblemList, assumptions: ClockAssumptions) {
    this.#emit = emit;
    this.#problems = problems;
    this.#clock = new LogClock(assumptions);
  }

  /** Tells which assumptions the dates needed. */
  get clock(): LogClock {
    return this.#clock;
  }

  read(line: string, lineNumber: number): void {
    const plain = (line.includes('\u001b') ? line.replace(ESCAPE_SEQUENCE, '') : line).trimEnd();
    // Serial consoles: what comes behind a carriage return is written over what stood there, and is a line of its own.
    if (plain.includes('\r')) for (const part of plain.split(/\r+/)) this.#readPlain(part, lineNumber);
    else this.#readPlain(plain, lineNumber);
  }

  #readPlain(plain: string, lineNumber: number): void {
    const entry = this.#export.take(plain);
    if (entry === 'collecting') return;
    if (entry !== 'other') {
      this.#readFields(messageOf(entry, this.#clock), lineNumber);
      return;
    }
    const pretty = this.#pretty.take(plain);
    if (pretty === 'collecting') return;
    if (typeof pretty === 'object') {
      this.#readJson(pretty.json, lineNumber);
      return;
    }
    if (pretty === 'given-up') this.#problems.add(lineNumber, 'more of a JSON object, or its end', plain);
    if (plain.startsWith('{') || JSON_RECORD.test(plain)) this.#readJsonLine(plain, lineNumber);
    else this.#readText(carriedLine(plain), lineNumber);
  }

  /** The log ends here. */
  end(lineNumber: number): void {
    const entry = this.#export.end();
    if (entry !== null) this.#readFields(messageOf(entry, this.#clock), lineNumber);
  }

  #readJsonLine(line: string, lineNumber: number): void {
    if (!this.#readJson(line.slice(line.indexOf('{')), lineNumber)) this.#readText(carriedLine(line), lineNumber);
  }

  /** False when it is no JSON and may be a message that begins with "{". */
  #readJson(json: string, lineNumber: number): boolean {
    const message = parseJsonMessage(json, this.#clock);
    if (message === undefined) {
      if (this.#jsonSeen || json.includes('"MESSAGE"')) this.#problems.add(lineNumber, 'a JSON object', json);
      return false;
    }
    this.#jsonSeen = true;
    this.#readFields(message, lineNumber);
    return true;
  }

  /** Null = an entry without a message. */
  #readFields(message: JsonMessage | null, lineNumber: number): void {
    if (message === null) {
      this.#last = 'other';
      return;
    }
    // Some hold a whole log: each of its lines may have wrappings of its own.
    for (const text of message.text.trimEnd().split(/\r*\n/)) {
      const line = carriedLine('');
      unwrapJson(line, { ...message, text });
      this.#readText(line, lineNumber, true);
    }
  }

  #readText(line: CarriedLine, lineNumber: number, fromJson = false): void {
    let wrapped = unwrapLine(line, this.#clock) || fromJson;
    // What collects a pod's log wraps whatever stands in it, JSON too.
    if (wrapped && line.text.startsWith('{', line.at)) {
      const inner = parseJsonMessage(line.text.slice(line.at), this.#clock);
      if (inner) {
        unwrapJson(line, inner);
        wrapped = unwrapLine(line, this.#clock) || wrapped;
      }
    }
    if (!wrapped && this.#last === 'other' && isIndented(line.text)) return;
    if (line.fromKernel === false) {
      this.#last = 'other';
      return;
    }
    const text = line.at === 0 ? line.text : line.text.slice(line.at);
    const message = wrapped ? this.#ownMessage(line, text, lineNumber) : this.#continuation(text, lineNumber);
    this.#last = message;
    this.#emitLines(message);
  }

  #ownMessage(line: CarriedLine, text: string, lineNumber: number): KernelMessage {
    const { bootUs, host, bootId, callerId } = line;
    return { lineNumber, bootUs, epochUs: this.#epochOf(line), host, bootId, callerId, text };
  }

  /** A line without any wrapping continues the one before: dmesg and journalctl print a record's further lines so. */
  #continuation(text: string, lineNumber: number): KernelMessage {
    if (this.#last !== null && this.#last !== 'other') return { ...this.#last, lineNumber, text };
    return { lineNumber, bootUs: null, epochUs: null, host: null, bootId: null, callerId: null, text };
  }

  #epochOf(line: CarriedLine): number | null {
    if (line.minuteOnly && line.epochUs !== null) {
      this.#relativeUs = Math.max(line.epochUs, this.#relativeUs ?? 0);
      return this.#relativeUs;
    }
    if (line.sinceLastUs !== null && line.epochUs === null && this.#relativeUs !== null) {
      this.#relativeUs = plausibleUs(this.#relativeUs + line.sinceLastUs);
      return this.#relativeUs;
    }
    return line.epochUs;
  }

  /** One record can hold several lines: as such, or as rsyslog's "#012". */
  #emitLines(message: KernelMessage): void {
    let { text } = message;
    if (text.length > MAX_TEXT_LENGTH) {
      this.#problems.add(message.lineNumber, `a kernel message of at most ${MAX_TEXT_LENGTH} characters`, text);
      text = text.slice(0, MAX_TEXT_LENGTH);
    }
    if (!text.includes('\n') && !text.includes('#012')) {
      this.#emit(text === message.text ? message : { ...message, text });
      return;
    }
    for (const part of text.split(/\n|#012/)) this.#emit({ ...message, text: part });
  }
}
