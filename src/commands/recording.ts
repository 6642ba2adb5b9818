import { randomUUID } from 'node:crypto';
import type { LossEvent } from '../events/loss.js';
import { FlightRecorder } from '../sinks/flight-recorder.js';
import { IncidentFiles } from '../sinks/recorder/incident-files.js';
import { EventNumbers } from '../sinks/recorder/numbered-events.js';
import { prepareDirectory, prepareFile } from '../sinks/recorder/prepare.js';
import { type RecorderTools, Recording } from '../sinks/recorder/recording.js';
import { Redactor } from '../sinks/recorder/redact.js';
import { fileDirectory, singleFile } from '../sinks/recorder/trace-place.js';
import { TraceSink, type TraceTarget } from '../sinks/recorder/trace-sink.js';
import type { Sink } from '../sinks/sink.js';
import { loadZstd } from '../trace/zstd-wasm.js';

/** Which trace files a command writes. */
export interface RecordingOptions {
  /** One file, with everything. */
  readonly recordFile?: string;
  /** A directory for files that follow each other. */
  readonly record?: string;
  readonly recordCap?: number;
  /** A directory for one file a kill. */
  readonly incidents?: string;
  readonly incidentsCap?: number;
  /** Replace names of processes and cgroups in all of them. */
  readonly redact?: true;
}

export const DEFAULT_RECORD_CAP_BYTES = 1024 ** 3;
export const DEFAULT_INCIDENTS_CAP_BYTES = 256 * 1024 ** 2;

const FILE_BYTES = 64 * 1024 ** 2;
const FILE_AGE_MS = 3_600_000;

/**
 * The sink that writes trace files; null = none was asked for. Throws E_FILE_EXISTS or E_FILE_UNWRITABLE before anything
 * is begun. `announce` puts an event into the flow; `recorder` has the time before a kill.
 */
export async function recordingSink(
  options: RecordingOptions,
  announce: (event: LossEvent) => void,
  recorder = new FlightRecorder(),
): Promise<Sink | null> {
  const { recordFile, record, incidents } = options;
  if (recordFile === undefined && record === undefined && incidents === undefined) return null;
  if (recordFile !== undefined) await prepareFile(recordFile);
  if (record !== undefined) await prepareDirectory(record);
  if (incidents !== undefined) await prepareDirectory(incidents);
  const { pack } = await loadZstd();
  // Without names it is another past, in memory of its own: to take them out of it at a kill would take too long.
  const past = options.redact ? new FlightRecorder(new EventNumbers(new Redactor()), recorder.limits) : recorder;
  const tools: RecorderTools = { numbers: past.numbers, pack, runId: randomUUID(), announce };
  return new TraceSink(tools.numbers, targets(options, tools, past));
}

function targets(options: RecordingOptions, tools: RecorderTools, past: FlightRecorder): TraceTarget[] {
  const { recordFile, record, incidents } = options;
  const list: TraceTarget[] = [];
  if (recordFile !== undefined) list.push(new Recording(tools, singleFile(recordFile)));
  if (record !== undefined) {
    const capBytes = options.recordCap ?? DEFAULT_RECORD_CAP_BYTES;
    // The file that is being written counts as well, and so that some of the past is kept there are four at least.
    const fileBytes = Math.min(FILE_BYTES, capBytes / 4);
    const place = fileDirectory(record, 'oomscope', capBytes - fileBytes);
    list.push(new Recording(tools, place, { fileBytes, fileAgeMs: FILE_AGE_MS }));
  }
  if (incidents !== undefined) {
    const place = fileDirectory(incidents, 'incident', options.incidentsCap ?? DEFAULT_INCIDENTS_CAP_BYTES);
    list.push(new IncidentFiles(tools, place, past));
  }
  return list;
}
