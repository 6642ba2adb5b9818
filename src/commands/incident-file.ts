import { randomUUID } from 'node:crypto';
import type { OomscopeEvent } from '../events/event.js';
import { explain, explainUserKill } from '../report/explain/build.js';
import { CaseCollector } from '../report/explain/case.js';
import { renderHtml } from '../report/explain/html.js';
import { PerfettoExporter } from '../report/perfetto/perfetto-exporter.js';
import { type Flight, type FlightRecorder, stateOf } from '../sinks/flight-recorder.js';
import { keyframeOf } from '../sinks/recorder/numbered-events.js';
import { metaOf } from '../sinks/recorder/recording.js';
import type { IncidentFile, MakeIncidentFile } from '../sinks/websocket/incident-files.js';
import { TraceBuilder } from '../trace/trace-builder.js';
import { loadZstd } from '../trace/zstd-wasm.js';
import { decodeEvent } from '../wire/codec.js';

/** As much of the past as an incident file begins with: making one must not keep a kill waiting for long. */
const PAST_BYTES = 16 * 1024 * 1024;

/**
 * Makes files of an incident out of what the flight recorder remembers: asked for, so that it costs nothing until somebody wants
 * one. One at a time: it takes up to a second of the thread that tells kills.
 */
export function incidentFileMaker(past: FlightRecorder): MakeIncidentFile {
  const runId = randomUUID();
  let last: Promise<unknown> = Promise.resolve();
  return (id, as) => {
    const made = last.then(() => make(past, runId, id, as));
    last = made.catch(() => {});
    return made;
  };
}

async function make(past: FlightRecorder, runId: string, id: string, as: IncidentFile): Promise<Uint8Array | null> {
  const flight = past.flight(PAST_BYTES);
  const told = toldBy(past, flight);
  const collector = new CaseCollector();
  collector.know(told.state);
  collector.write(told.events);
  const byKernel = collector.cases().find(({ incident }) => incident.id === id);
  const byUser = collector.userCases().find(({ kill }) => kill.id === id);
  const report = byKernel ? explain(byKernel) : byUser && explainUserKill(byUser);
  if (report === undefined) return null;
  switch (as) {
    case 'html':
      return Buffer.from(renderHtml([report.blocks]));
    case 'perfetto': {
      const exporter = new PerfettoExporter();
      const begin = exporter.begin();
      exporter.know(told.state);
      return Buffer.concat([begin, exporter.write(told.events), exporter.end()]);
    }
    case 'mcap': {
      if (report.session === null) return null;
      const builder = new TraceBuilder(metaOf(report.session, 'incident', runId, id), (await loadZstd()).pack);
      return Buffer.concat([...tracePieces(builder, past, flight)]);
    }
  }
}

function toldBy(
  past: FlightRecorder,
  flight: Flight,
): { readonly state: OomscopeEvent[]; readonly events: OomscopeEvent[] } {
  return {
    state: stateOf(flight, past.numbers).map(decodeEvent),
    events: flight.items.map(({ message }) => decodeEvent(message)),
  };
}

const CHUNK_BYTES = 1024 * 1024;

function* tracePieces(builder: TraceBuilder, past: FlightRecorder, flight: Flight): Generator<Uint8Array> {
  yield builder.begin();
  const first = flight.items[0]?.message;
  const atUs = flight.kills.nowUs ?? first?.tUs ?? 0;
  for (const part of keyframeOf(stateOf(flight, past.numbers), first?.sequence ?? 1, atUs)) builder.add(part);
  for (const { message } of flight.items) {
    builder.add(message);
    if (builder.pendingBytes >= CHUNK_BYTES) yield builder.closeChunk() ?? new Uint8Array();
  }
  yield builder.closeChunk() ?? new Uint8Array();
  yield builder.end();
}
