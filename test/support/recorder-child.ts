// A process that records until it is killed: one event every few milliseconds. It prints what whoever kills it may ask of
// the file: `T COUNT` = an event of the time T was handed over, the COUNT-th; `due T` = a second ago by this very process's
// timers, and its disk has answered since. So a machine that is slow is as slow with the one as with the other.
// Arguments: FILE.
import { appendFile } from 'node:fs/promises';
import { applyEvents, initialModel } from '../../src/model/fold.js';
import { EventNumbers } from '../../src/sinks/recorder/numbered-events.js';
import { Recording } from '../../src/sinks/recorder/recording.js';
import { singleFile } from '../../src/sinks/recorder/trace-place.js';
import { TraceSink } from '../../src/sinks/recorder/trace-sink.js';
import { loadZstd } from '../../src/trace/zstd-wasm.js';
import { EventStream } from './event-stream.js';

const EVERY_MS = 3;
const DUE_EVERY_MS = 50;
const DUE_AFTER_MS = 1_000;

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('FILE is missing');
const numbers = new EventNumbers();
const { pack } = await loadZstd();
const recording = new Recording({ numbers, pack, runId: 'run-1', announce: () => {} }, singleFile(path));
const sink = new TraceSink(numbers, [recording]);
const stream = new EventStream();
let model = initialModel;
let count = 0;
let lastUs = 0;

setInterval(() => {
  const events = count === 0 ? stream.session('node-1') : count % 10 === 0 ? stream.kill() : stream.loss(1);
  const timed = events.map((event) => ({ ...event, tUs: Math.round(performance.now() * 1000) }));
  model = applyEvents(model, timed);
  sink.write(timed, model);
  count += timed.length;
  lastUs = timed.at(-1)?.tUs ?? lastUs;
  process.stdout.write(`${lastUs} ${count}\n`);
}, EVERY_MS);

setInterval(() => {
  if (count === 0) return;
  const handedUs = lastUs;
  setTimeout(() => void tellDue(handedUs), DUE_AFTER_MS);
}, DUE_EVERY_MS);

async function tellDue(handedUs: number): Promise<void> {
  // What the recorder began to write before is written before: there are four threads for it, and one chunk at a time.
  for (let probe = 0; probe < 4; probe++) await appendFile(`${path}.probe`, '.');
  process.stdout.write(`due ${handedUs}\n`);
}
