#!/usr/bin/env node
// Trace files against the public MCAP library: how fast one is written, opened, sought in and replayed, and the memory
// that takes, beside McapWriter, McapIndexedReader and McapStreamReader on the same messages.
//   npm run build:wire && npm run build:server && node bench/trace.mjs [SIZE_MB=100] [FILE]
// Figures are CPU milliseconds of this process as well as milliseconds by the clock: a busy machine changes only the latter.
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { McapIndexedReader, McapStreamReader, McapWriter } from '@mcap/core';

const dist = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { encodeEvent } = await dist('wire/codec.js');
const { encodeKeyframePart } = await dist('wire/keyframe.js');
const { KEYFRAME_ID, TOPIC_ID } = await dist('wire/topics.js');
const { applyEvent, applyEvents, initialModel } = await dist('model/fold.js');
const { retainedEvents } = await dist('model/retained.js');
const { KeyframeClock } = await dist('sinks/recorder/keyframe-clock.js');
const { TraceBuilder } = await dist('trace/trace-builder.js');
const { Playhead } = await dist('trace/play/playhead.js');
const { Seeker } = await dist('trace/play/seek.js');
const { nextKillUs } = await dist('trace/play/kills.js');
const { openTimeline } = await dist('sources/replay/open-timeline.js');
const { loadZstd } = await dist('trace/zstd-wasm.js');
const zstd = await loadZstd();

const megabytes = Number(process.argv[2] ?? 100);
const path = process.argv[3] ?? join(tmpdir(), `oomscope-bench-${megabytes}.mcap`);

/** An event each 200 µs; one in 2,000 is a kill. Numbers that do not repeat, so that packing is not too easy. */
const EVERY_US = 200;
const KILL_EVERY = 2_000;
const START_US = 1_000_000_000;
const EPOCH_US = 1_700_000_000_000_000;

let seed = 1;
const random = (below) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
const process_ = (pid) => ({
  pid,
  tid: pid,
  uid: 0,
  comm: `worker-${pid % 97}`,
  startUs: pid * 1000,
  adj: random(1000),
  cgroupId: random(1e6),
  cgroupPath: `/kubepods/burstable/pod${random(500)}/app`,
});
const memory = () => ({
  rssBytes: null,
  rssAnonBytes: random(1e9),
  rssFileBytes: random(1e8),
  rssShmemBytes: random(1e6),
  swapBytes: 0,
  pageTableBytes: random(1e6),
});

function eventAt(index) {
  const tUs = START_US + index * EVERY_US;
  if (index === 0) return session(tUs);
  if (index % KILL_EVERY === 0) return episode(tUs);
  const meaning = `${random(2 ** 32).toString(36)}${random(2 ** 32).toString(36)}${random(2 ** 32).toString(36)}`;
  return { topic: '/loss', tUs, where: 'ring-bulk', count: random(1e6), meaning };
}

function session(tUs) {
  return {
    topic: '/session',
    tUs,
    bootId: 'bench',
    hostname: 'bench',
    kernelRelease: '6.12',
    machine: 'x86_64',
    pageSizeBytes: 4096,
    cpuCount: 2,
    memoryTotalBytes: 2 ** 34,
    swapTotalBytes: 0,
    cgroupVersion: 2,
    anchorBootUs: START_US,
    anchorEpochUs: EPOCH_US + START_US,
    clock: 'boot',
    oomscopeVersion: '0.1.0',
    attachMode: 'fentry',
    programs: [],
    missing: [],
    adopted: null,
    sampling: null,
  };
}

function episode(tUs) {
  const candidates = Array.from({ length: 40 }, (_, row) => ({
    ...process_(row + 1),
    ...memory(),
    status: 'scored',
    points: random(1e6),
  }));
  const chosen = process_(1);
  return {
    topic: '/oom/episode',
    tUs,
    episodeUs: tUs - 100,
    durationUs: 100,
    attachMode: 'fentry',
    trigger: chosen,
    triggerCgroup: null,
    limitCgroup: null,
    limitAncestors: [],
    victimCgroup: null,
    constraint: 'none',
    sysrq: false,
    gfpMask: 0,
    order: 0,
    nodemask: null,
    totalPages: 4e6,
    pageSizeBytes: 4096,
    outcome: 'killed',
    choice: { process: chosen, choiceUs: tUs - 50, how: 'selected', points: 1, score: null },
    candidates,
    candidatesSeen: 40,
    candidatesLost: 0,
    kernelThreadsSkipped: 0,
    recordsLost: 0,
    approximations: [],
  };
}

function keyframe(model, tUs, sequence) {
  const parts = [[]];
  let bytes = 0;
  for (const entry of retainedEvents(model).map(encodeEvent)) {
    if (bytes > 512 * 1024) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1).push(entry);
    bytes += entry.payload.length;
  }
  return parts.map((entries, part) => ({
    topicId: KEYFRAME_ID,
    tUs,
    sequence,
    payload: encodeKeyframePart({ part, partCount: parts.length, entries }),
  }));
}

/** Runs `work` and tells how long it took. */
async function measure(name, work, count) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const result = await work();
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000;
  const messages = count?.(result);
  const rate =
    messages === undefined ? '' : `${Math.round(messages / (cpuMs / 1000)).toLocaleString('en')} messages/CPU s`;
  console.log(`${name.padEnd(52)} ${ms.toFixed(1).padStart(9)} ms ${cpuMs.toFixed(1).padStart(9)} CPU ms  ${rate}`);
  return { result, ms, cpuMs, rate: messages === undefined ? 0 : messages / cpuMs };
}

const rssMb = () => Math.round(process.memoryUsage().rss / 2 ** 20);

async function writeFile() {
  const partPath = `${path}.part`;
  const file = openSync(partPath, 'w');
  const meta = {
    schemaVersion: 1,
    oomscopeVersion: '0.1.0',
    kind: 'recording',
    hostname: 'bench',
    bootId: 'bench',
    runId: 'bench',
    bootEpochUs: EPOCH_US,
    incidentId: null,
  };
  const builder = new TraceBuilder(meta, zstd.pack);
  const put = (bytes) => bytes !== null && writeSync(file, bytes);
  put(builder.begin());
  let model = initialModel;
  let index = 0;
  const keyframes = new KeyframeClock();
  for (; builder.sizeBytes < megabytes * 1e6; index++) {
    const event = eventAt(index);
    if (keyframes.isDue(event.tUs / 1000)) {
      const parts = keyframe(model, event.tUs, index + 1);
      for (const part of parts) builder.add(part);
      keyframes.written(
        event.tUs / 1000,
        parts.reduce((sum, { payload }) => sum + payload.length, 0),
      );
    }
    const message = { ...encodeEvent(event), sequence: index + 1 };
    keyframes.added(message.payload.length);
    builder.add(message);
    model = applyEvent(model, event);
    if (builder.pendingBytes > 2 ** 20 || index % 5_000 === 4_999) put(builder.closeChunk());
  }
  put(builder.closeChunk());
  put(builder.end());
  closeSync(file);
  renameSync(partPath, path);
  return index;
}

/** The same messages through the library's own writer, without encoding: the cost of the format alone. */
async function writeWithLibrary(messages) {
  let position = 0n;
  const writer = new McapWriter({
    writable: {
      write: (bytes) => {
        position += BigInt(bytes.length);
        return Promise.resolve();
      },
      position: () => position,
    },
    chunkSize: 2 ** 20,
    compressChunk: (bytes) => ({ compression: 'zstd', compressedData: zstd.pack(bytes) }),
  });
  await writer.start({ profile: '', library: '' });
  const channelId = await writer.registerChannel({ topic: 'x', messageEncoding: '', schemaId: 0, metadata: new Map() });
  for (const { tUs, payload, sequence } of messages) {
    const time = BigInt(tUs) * 1000n;
    await writer.addMessage({ channelId, sequence, logTime: time, publishTime: time, data: payload });
  }
  await writer.end();
  return messages.length;
}

function writeWithOurs(messages) {
  const meta = { bootEpochUs: 0, oomscopeVersion: '', schemaVersion: 1, kind: 'recording', hostname: '', bootId: '' };
  const builder = new TraceBuilder({ ...meta, runId: '', incidentId: null }, zstd.pack);
  builder.begin();
  for (const message of messages) {
    builder.add(message);
    if (builder.pendingBytes > 2 ** 20) builder.closeChunk();
  }
  builder.closeChunk();
  builder.end();
  return messages.length;
}

/** In a function, so that the messages are gone when memory is measured. */
async function compareWriters() {
  const sample = Array.from({ length: 200_000 }, (_, index) => ({
    ...encodeEvent(eventAt(index)),
    sequence: index + 1,
  }));
  const count = (written) => written;
  const ours = await measure('write, ours', () => writeWithOurs(sample), count);
  const theirs = await measure('write, McapWriter', () => writeWithLibrary(sample), count);
  console.log(`  ratio ${(ours.rate / theirs.rate).toFixed(2)}`);
}

const readable = (file, size) => ({
  size: () => Promise.resolve(BigInt(size)),
  read: (offset, length) => {
    const bytes = new Uint8Array(Number(length));
    readSync(file, bytes, 0, bytes.length, Number(offset));
    return Promise.resolve(bytes);
  },
});
const decompressHandlers = { zstd: (bytes, size) => zstd.unpack(bytes, Number(size)) };

async function indexedReader(file, size) {
  return McapIndexedReader.Initialize({ readable: readable(file, size), decompressHandlers });
}

if (!existsSync(path)) await measure(`make ${megabytes} MB`, writeFile, (count) => count);
const size = statSync(path).size;
console.log(`${path}: ${(size / 1e6).toFixed(0)} MB`);

await compareWriters();

const file = openSync(path, 'r');
const { result: files } = await measure('open, ours', () => openTimeline([path], () => {}));
const { result: library } = await measure('open, McapIndexedReader', () => indexedReader(file, size));
const { timeline } = files;

const lengthUs = timeline.endUs - timeline.startUs;
const seeks = [0.1, 0.5, 0.9, 0.99, 0.3];
const seekTimes = [];
for (const share of seeks) {
  const timeUs = Math.floor(timeline.startUs + lengthUs * share);
  const { ms, result } = await measure(`seek to ${share * 100} %, ours: the whole state`, async () => {
    const { events } = await new Seeker(timeline, () => {}).seek(timeUs);
    return applyEvents(initialModel, events);
  });
  seekTimes.push(ms);
  console.log(`  ${result.incidents.length} incidents`);
  await measure(`seek to ${share * 100} %, McapIndexedReader: one message`, async () => {
    for await (const message of library.readMessages({ startTime: BigInt(timeUs) * 1000n })) return message;
  });
}
freshSeeks();
await measure('next kill', () => nextKillUs(timeline, timeline.startUs + lengthUs / 2));

/** What somebody waits for who has just opened the file: seeks in processes of their own, the first and the second in each. */
function freshSeeks() {
  const script = fileURLToPath(new URL('seek.mjs', import.meta.url));
  const runs = Array.from({ length: 10 }, () => {
    const shares = [0, 1].map(() => String(0.15 + random(850) / 1000));
    return JSON.parse(execFileSync(process.execPath, [script, path, ...shares], { encoding: 'utf8' }));
  });
  for (const [name, of] of [
    ['open', ({ openMs }) => openMs],
    ['first seek', ({ seekMs }) => seekMs[0]],
    ['second seek', ({ seekMs }) => seekMs[1]],
  ]) {
    const times = runs.map(of).sort((a, b) => a - b);
    const [least, median, most] = [times[0], times[5], times.at(-1)].map((ms) => `${ms.toFixed(0)} ms`);
    console.log(`${`${name} of a process of its own, 10 times`.padEnd(52)} ${least} to ${most}, median ${median}`);
  }
}

async function playAll(each) {
  const playhead = new Playhead(timeline, (problem) => console.log(problem.toLine()));
  let count = 0;
  let peakMb = 0;
  for (let nextUs = 0; nextUs !== null; ) {
    const taken = await playhead.takeUntil(Number.POSITIVE_INFINITY, 2_000);
    for (const { events } of taken.batches) {
      count += events.length;
      each(events);
    }
    nextUs = taken.nextUs;
    peakMb = Math.max(peakMb, rssMb());
  }
  console.log(`  peak memory ${peakMb} MB`);
  return count;
}

const decoded = await measure(
  'replay, ours: decoded events',
  () => playAll(() => {}),
  (count) => count,
);
let model = initialModel;
await measure(
  'replay, ours: decoded and folded into the model',
  () =>
    playAll((events) => {
      model = applyEvents(model, events);
    }),
  (count) => count,
);
const theirs = await measure(
  'read all, McapIndexedReader: raw bytes',
  async () => {
    let count = 0;
    for await (const _ of library.readMessages()) count++;
    return count;
  },
  (count) => count,
);
const stream = await measure(
  'read all, McapStreamReader: raw bytes',
  () => {
    const reader = new McapStreamReader({ decompressHandlers, validateCrcs: true });
    const block = new Uint8Array(2 ** 20);
    let count = 0;
    for (let at = 0; at < size; ) {
      const bytes = readSync(file, block, 0, block.length, at);
      at += bytes;
      reader.append(block.subarray(0, bytes));
      for (let record = reader.nextRecord(); record; record = reader.nextRecord())
        if (record.type === 'Message') count++;
    }
    return count;
  },
  (count) => count,
);
console.log(`  replay (decoded) / McapIndexedReader (raw): ${(decoded.rate / theirs.rate).toFixed(2)}`);
console.log(`  replay (decoded) / McapStreamReader (raw): ${(decoded.rate / stream.rate).toFixed(2)}`);
console.log(`  slowest seek ${Math.max(...seekTimes).toFixed(0)} ms`);
await files.close();
closeSync(file);
if (process.argv[3] === undefined) unlinkSync(path);
console.log(`topics on the wire: ${Object.keys(TOPIC_ID).length}`);
