import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleEpisode, sampleSession } from '../../../test/support/sample-events.js';
import { get, WebClient } from '../../../test/support/web-client.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { startWebServer, type WebServer } from './server.js';

const HALF_OPEN = 10_000;
const KILLS = 100;
/** Connections that the server keeps, and what a test runner opens meanwhile. */
const MAX_MORE_FILES = 256 + 64;
/** What 256 half-read requests and the garbage of 10,000 may take; 10,000 kept ones would take more. */
const MAX_MORE_BYTES = 96 * 1024 * 1024;

/** Opens them 200 at a time and never closes one; every other begins a request that never ends. A process of its own: its files are not ours. */
const FLOOD = `
  const { connect } = require('node:net');
  const [port, wanted] = process.argv.slice(1).map(Number);
  let opened = 0, closed = 0;
  const more = () => {
    const socket = connect(port, '127.0.0.1', () => {
      opened += 1;
      if (opened % 2 === 0) socket.write('GET / HTTP/1.1\\r\\nHost: ');
      if (opened + 200 <= wanted) more();
      if (opened === wanted) setTimeout(() => console.log(JSON.stringify({ opened, closed })), 200);
    });
    socket.on('error', () => {}).on('close', () => { closed += 1; }).resume();
  };
  for (let n = 0; n < 200; n++) more();
  setInterval(() => {}, 1000);
`;

let server: WebServer;
let port: number;
let model = initialModel;
let flood: ChildProcess | null = null;

beforeEach(async () => {
  server = await startWebServer({ host: '127.0.0.1', port: 0 });
  port = Number(new URL(server.url).port);
  model = initialModel;
});

afterEach(async () => {
  flood?.kill('SIGKILL');
  flood = null;
  await server.close();
});

function write(...events: OomscopeEvent[]): void {
  model = applyEvents(model, events);
  server.write(events, model);
}

const openFiles = () => readdirSync('/proc/self/fd').length;

it('10,000 half-open connections cost a bounded number of files and memory, and a client beside them loses nothing', async () => {
  write(sampleSession());
  const reader = new WebClient(port);
  await reader.opened;
  const filesBefore = openFiles();
  const rssBefore = process.memoryUsage.rss();
  let mostFiles = 0;
  let mostRss = 0;

  const child = spawn(process.execPath, ['-e', FLOOD, String(port), String(HALF_OPEN)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  flood = child;
  const done = new Promise<{ opened: number; closed: number }>((resolve) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
  });
  let isDone = false;
  void done.then(() => {
    isDone = true;
  });
  for (let kill = 0; kill < KILLS || !isDone; kill++) {
    if (kill < KILLS) write(sampleEpisode({ episodeUs: 1_000_000_000 + kill, tUs: 1_000_000_500 + kill }));
    await new Promise((resolve) => setTimeout(resolve, 10));
    mostFiles = Math.max(mostFiles, openFiles());
    mostRss = Math.max(mostRss, process.memoryUsage.rss());
  }

  const { opened, closed } = await done;
  expect(opened).toBe(HALF_OPEN);
  expect(opened - closed).toBeLessThanOrEqual(256);
  expect(mostFiles - filesBefore).toBeLessThan(MAX_MORE_FILES);
  expect(mostRss - rssBefore).toBeLessThan(MAX_MORE_BYTES);
  // Those who are left still hold theirs: a newcomer gets in all the same.
  expect((await get(port, '/healthz')).body).toBe('ok\n');
  await expect.poll(() => reader.topics().filter((topic) => topic === '/oom/episode').length).toBe(KILLS);
  expect(reader.topics()).not.toContain('/loss');
  reader.socket.terminate();
}, 60_000);
