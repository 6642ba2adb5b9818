import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { EventStream } from '../../test/support/event-stream.js';
import { readTraces } from '../../test/support/read-traces.js';
import type { OomscopeEvent } from '../events/event.js';
import { applyEvents, initialModel } from '../model/fold.js';
import { FlightRecorder } from '../sinks/flight-recorder.js';
import { startWebServer, type WebServer } from '../sinks/websocket/server.js';
import { incidentFileMaker } from './incident-file.js';

let server: WebServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

/** A server that was told these events, and the past that it remembers of them. */
async function serve(batches: readonly OomscopeEvent[][], past = new FlightRecorder()): Promise<string> {
  server = await startWebServer({ host: '127.0.0.1', port: 0, makeFile: incidentFileMaker(past) }, past);
  let model = initialModel;
  for (const events of batches) {
    model = applyEvents(model, events);
    server.write(events, model);
  }
  return server.url;
}

function stream(kills: number): OomscopeEvent[][] {
  const events = new EventStream();
  return [events.session('node-1'), ...Array.from({ length: kills }, () => events.kill())];
}

const idOf = (events: readonly OomscopeEvent[]) =>
  events.flatMap((event) => (event.topic === '/oom/episode' ? [String(event.episodeUs)] : []))[0] ?? '';

it('a trace of an incident is taken from a server: played, it gives all that was told', async () => {
  const batches = stream(3);
  const url = await serve(batches);
  const answer = await fetch(`${url}api/incidents/${idOf(batches[2] ?? [])}.mcap`);
  expect(answer.headers.get('content-disposition')).toBe(
    `attachment; filename="oomscope-${idOf(batches[2] ?? [])}.mcap"`,
  );
  const directory = mkdtempSync(join(tmpdir(), 'oomscope-taken-'));
  try {
    const path = join(directory, 'taken.mcap');
    writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
    const read = await readTraces([path]);
    expect(read.problems).toEqual([]);
    expect(read.model).toEqual(applyEvents(initialModel, batches.flat()));
    expect(read.meta[0]?.incidentId).toBe(idOf(batches[2] ?? []));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it('a report of an incident is one HTML file, also when what led to it is forgotten', async () => {
  const batches = stream(40);
  const url = await serve(batches, new FlightRecorder(undefined, { bytes: 4_096 }));
  for (const events of [batches[1], batches[40]]) {
    const answer = await fetch(`${url}api/incidents/${idOf(events ?? [])}.html`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toContain('attachment');
    const text = await answer.text();
    expect(text).toContain('<!doctype html>');
    expect(text).toContain(idOf(events ?? []));
  }
});

it('what is not known is not found, whatever it is asked for as', async () => {
  const url = await serve(stream(1));
  for (const name of ['1.html', '1.mcap', '1.perfetto', '..%2f.html', '1.exe'])
    expect((await fetch(`${url}api/incidents/${name}`)).status).toBe(404);
});
