#!/usr/bin/env node
// What a tick of samples costs from the event on, and how large it is: a thousand cgroups, all of which have changed, a
// hundred times a second. Beside JSON, which is what one would use otherwise (and what `live --json` prints).
//   npm run build:wire && npm run build:server && node bench/encode.mjs [CGROUPS=1000] [TICKS=1000]
// Figures are CPU time of this process per tick: a busy machine changes them little.
const dist = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { encodeEvent, decodeEvent } = await dist('wire/codec.js');
const { applyEvents, initialModel } = await dist('model/fold.js');
const { SeriesStore } = await dist('model/series/series.js');
const { FlightRecorder } = await dist('sinks/flight-recorder.js');
const { loadZstd } = await dist('trace/zstd-wasm.js');
const { pack } = await loadZstd();

const cgroupCount = Number(process.argv[2] ?? 1000);
const tickCount = Number(process.argv[3] ?? 1000);
const TICK_US = 10_000;
const PAGE_BYTES = 4096;

let seed = 1;
const random = (below) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};

/** Each wanders by some pages a tick; one in ten has a limit. */
const usageBytes = Array.from({ length: cgroupCount }, () => random(250_000) * PAGE_BYTES);
function tick(n) {
  const cgroups = usageBytes.map((bytes, index) => {
    usageBytes[index] = Math.max(0, bytes + (random(129) - 64) * PAGE_BYTES);
    return {
      id: 2000 + index * 7,
      usageBytes: usageBytes[index],
      swapBytes: 0,
      maxBytes: index % 10 === 0 ? 2 ** 30 : 'max',
      highBytes: 'max',
      lowBytes: 0,
      minBytes: 0,
    };
  });
  const tUs = 1_000_000_000 + n * TICK_US;
  return { topic: '/memory/sample', tUs, kind: 'delta', intervalUs: TICK_US, cgroupsRead: cgroupCount, cgroups };
}

/** CPU µs a tick; the first ticks are for the compiler. */
function measured(items, run) {
  for (const item of items.slice(0, 50)) run(item);
  const before = process.cpuUsage();
  for (const item of items) run(item);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / items.length;
}

const events = Array.from({ length: tickCount }, (_, n) => tick(n));
const text = new TextEncoder();
const json = events.map((event) => text.encode(JSON.stringify(event)));
const encoded = events.map(encodeEvent);
const size = (pieces) => pieces.reduce((sum, bytes) => sum + bytes.length, 0) / pieces.length;
const packed = (pieces) => pack(Buffer.concat(pieces.slice(0, 20))).length / Math.min(20, pieces.length);

const rows = [
  ['encode', measured(events, encodeEvent), measured(events, (event) => text.encode(JSON.stringify(event)))],
  ['decode', measured(encoded, decodeEvent), measured(json, (bytes) => JSON.parse(new TextDecoder().decode(bytes)))],
];
const sizes = [
  ['bytes', size(encoded.map(({ payload }) => payload)), size(json)],
  ['bytes, zstd', packed(encoded.map(({ payload }) => payload)), packed(json)],
];

let model = initialModel;
const series = new SeriesStore();
const recorder = new FlightRecorder();
const models = new Map(events.map((event) => [event, applyEvents(initialModel, [event])]));
const further = [
  ['fold into the model', measured(events, (event) => (model = applyEvents(model, [event])))],
  ['keep in the series', measured(events, (event) => series.apply(event))],
  [
    'encode, number and keep in the flight recorder',
    measured(events, (event) => recorder.take([event], models.get(event))),
  ],
];

const ticksOf = (us) => `${((us * 100) / 1e4).toFixed(1)} % of a CPU`;
console.log(`${cgroupCount} cgroups a tick, ${tickCount} ticks; per tick, and at 100 ticks a second:\n`);
console.log(`${''.padEnd(14)}${'oomscope.v1'.padStart(14)}${'JSON'.padStart(14)}`);
for (const [name, ours, theirs] of rows) {
  console.log(
    `${name.padEnd(14)}${`${ours.toFixed(0)} µs`.padStart(14)}${`${theirs.toFixed(0)} µs`.padStart(14)}   ${ticksOf(ours)} / ${ticksOf(theirs)}`,
  );
}
for (const [name, ours, theirs] of sizes) {
  console.log(
    `${name.padEnd(14)}${ours.toFixed(0).padStart(14)}${theirs.toFixed(0).padStart(14)}   ${(theirs / ours).toFixed(1)}×`,
  );
}
console.log('');
for (const [name, us] of further)
  console.log(`${name.padEnd(48)}${`${us.toFixed(0)} µs`.padStart(9)}   ${ticksOf(us)}`);
