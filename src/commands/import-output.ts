import { randomUUID } from 'node:crypto';
import { basename, dirname, extname, join } from 'node:path';
import type { OomscopeEvent } from '../events/event.js';
import { jsonLine } from '../events/json-line.js';
import type { SessionEvent } from '../events/session.js';
import { metaOf } from '../sinks/recorder/recording.js';
import { TraceExport } from '../sinks/recorder/trace-export.js';
import { KillText } from '../sinks/text/kill-text.js';
import type { TextStyle } from '../sinks/text/line.js';
import { isKillEvent } from '../trace/kill-event.js';
import type { Pack } from '../trace/zstd.js';
import { type ExportOutput, fileOutput } from './export-output.js';

/** Where the events of a log go. A part is what the log has of one boot of one host. */
export interface ImportOutput {
  write(part: number, events: readonly OomscopeEvent[]): Promise<void>;
  /** Nothing more comes of this part. */
  endPart(part: number): Promise<void>;
  finish(): Promise<void>;
  /** It will not be whole: nothing half done is left behind. */
  abandon(): Promise<void>;
  readonly isGone: boolean;
}

/** To standard output, as text or JSON. Where the log goes over to another part, its /session is told again. */
export function printedOutput(output: ExportOutput, format: { readonly json: true } | TextStyle): ImportOutput {
  const sessions = new Map<number, OomscopeEvent>();
  let current: number | null = null;
  let text: KillText | null = null;
  return {
    get isGone() {
      return output.isGone;
    },
    async write(part, events) {
      const [first] = events;
      if (first?.topic === '/session') sessions.set(part, first);
      const session = sessions.get(part);
      const isBack = part !== current && session !== undefined && session !== first;
      if (part !== current && !('json' in format)) text = new KillText(format);
      current = part;
      const told = isBack ? [session, ...events] : events;
      await output.write(text === null ? told.map(jsonLine).join('') : text.write(told));
    },
    endPart(part) {
      sessions.delete(part);
      return Promise.resolve();
    },
    finish: () => output.finish(),
    abandon: () => output.abandon(),
  };
}

/** Which trace was written, and what is in it. */
export interface WrittenTrace {
  readonly path: string;
  readonly hostname: string | null;
  readonly kills: number;
}

interface OpenTrace {
  readonly path: string;
  readonly file: ExportOutput;
  readonly trace: TraceExport;
  readonly session: SessionEvent;
  kills: number;
}

/** Into trace files, one for each part: OUT.mcap, OUT-2.mcap, … Each has its name when it is whole. */
export function traceOutput(path: string, pack: Pack, onWritten: (trace: WrittenTrace) => void): ImportOutput {
  const open = new Map<number, OpenTrace>();
  const runId = randomUUID();
  async function begin(part: number, session: SessionEvent): Promise<OpenTrace> {
    const partPath = numbered(path, part);
    const file = await fileOutput(partPath);
    const trace = new TraceExport(metaOf(session, 'import', `${runId}/${part}`), pack);
    const opened = { path: partPath, file, trace, session, kills: 0 };
    open.set(part, opened);
    await file.write(trace.begin());
    return opened;
  }
  async function close(part: number): Promise<void> {
    const opened = open.get(part);
    if (opened === undefined) return;
    for (const piece of opened.trace.end()) await opened.file.write(piece);
    await opened.file.finish();
    open.delete(part);
    onWritten({ path: opened.path, hostname: opened.session.hostname, kills: opened.kills });
  }
  return {
    isGone: false,
    async write(part, events) {
      const [first] = events;
      const opened = open.get(part) ?? (first?.topic === '/session' ? await begin(part, first) : undefined);
      if (opened === undefined) return;
      opened.kills += events.filter(isKillEvent).length;
      for (const piece of opened.trace.write(events)) await opened.file.write(piece);
    },
    endPart: close,
    async finish() {
      for (const part of [...open.keys()]) await close(part);
    },
    async abandon() {
      await Promise.all([...open.values()].map(({ file }) => file.abandon()));
      open.clear();
    },
  };
}

function numbered(path: string, part: number): string {
  if (part === 1) return path;
  const extension = extname(path);
  return join(dirname(path), `${basename(path, extension)}-${part}${extension}`);
}
