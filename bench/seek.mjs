#!/usr/bin/env node
// The first seeks of a process, which nothing has warmed up: opens a trace, seeks, and prints how long each took.
//   npm run build:wire && npm run build:server && node bench/seek.mjs FILE SHARE...
// A share of the file's time, 0 to 1. Prints a line of JSON: milliseconds by the clock, from the seek to the model.
const dist = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { applyEvents, initialModel } = await dist('model/fold.js');
const { Seeker } = await dist('trace/play/seek.js');
const { openTimeline } = await dist('sources/replay/open-timeline.js');

const [path, ...shares] = process.argv.slice(2);
const began = performance.now();
const { timeline, close } = await openTimeline([path], () => {});
const openMs = performance.now() - began;
const seeker = new Seeker(timeline, (problem) => console.error(problem.toLine()));
const seekMs = [];
for (const share of shares.map(Number)) {
  const start = performance.now();
  const { events } = await seeker.seek(Math.floor(timeline.startUs + (timeline.endUs - timeline.startUs) * share));
  applyEvents(initialModel, events);
  seekMs.push(performance.now() - start);
}
await close();
console.log(JSON.stringify({ openMs, seekMs }));
