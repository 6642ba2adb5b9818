// A process that records until it is killed: one event every few milliseconds. It prints the time of each event that it
// has handed to the recorder, so that whoever kills it knows what could be in the file. Arguments: FILE.
import { applyEvents, initialModel } from '../../src/model/fold.js';
import { EventNumbers } from '../../src/sinks/recorder/numbered-events.js';
import { Recording } from '../../src/sinks/recorder/recording.js';
import { singleFile } from '../../src/sinks/recorder/trace-place.js';
import { TraceSink } from '../../src/sinks/recorder/trace-sink.js';
import { loadZstd } from '../../src/trace/zstd-wasm.js';
import { EventStream } from './event-stream.js';

const EVERY_MS = 3;

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('FILE is missing');
const numbers = new EventNumbers();
const { pack } = await loadZstd();
const recording = new Recording({ numbers, pack, runId: 'run-1', announce: () => {} }, singleFile(path));
const sink = new TraceSink(numbers, [recording]);
const stream = new EventStream();
let model = initialModel;
let count = 0;

setInterval(() => {
  const events = count === 0 ? stream.session('node-1') : count % 10 === 0 ? stream.kill() : stream.loss(1);
  const timed = events.map((event) => ({ ...event, tUs: Math.round(performance.now() * 1000) }));
  model = applyEvents(model, timed);
  sink.write(timed, model);
  count += timed.length;
  process.stdout.write(`${timed.at(-1)?.tUs} ${count}\n`);
}, EVERY_MS);
