import type { OomscopeEvent } from '../../src/events/event.js';
import { applyEvents, initialModel } from '../../src/model/fold.js';
import type { Model } from '../../src/model/model.js';
import { openFileBytes } from '../../src/sources/replay/file-bytes.js';
import type { TraceMeta } from '../../src/trace/metadata.js';
import { Playhead } from '../../src/trace/play/playhead.js';
import { Timeline } from '../../src/trace/play/timeline.js';
import { openTrace } from '../../src/trace/trace-file.js';
import { zstd } from './trace.js';

export interface ReadTraces {
  /** Since the last restart. */
  readonly events: readonly OomscopeEvent[];
  readonly model: Model;
  /** Events that stand in the files, those of keyframes not counted. */
  readonly told: number;
  readonly restarts: number;
  /** Codes. */
  readonly problems: readonly string[];
  readonly meta: readonly TraceMeta[];
}

/** Plays files from start to end. */
export async function readTraces(paths: readonly string[]): Promise<ReadTraces> {
  const sources = await Promise.all(paths.map(openFileBytes));
  const files = await Promise.all(sources.map((source) => openTrace(source, { unpack: zstd.unpack })));
  const problems = files.flatMap((file) => file.problems.map(({ code }) => code as string));
  const playhead = new Playhead(Timeline.of(files), ({ code }) => problems.push(code));
  let events: OomscopeEvent[] = [];
  let restarts = 0;
  for (let nextUs: number | null = 0; nextUs !== null; ) {
    const taken = await playhead.takeUntil(Number.POSITIVE_INFINITY, 10_000);
    for (const batch of taken.batches) {
      if (batch.restart) restarts++;
      events = batch.restart ? [...batch.events] : [...events, ...batch.events];
    }
    nextUs = taken.nextUs;
  }
  let told = 0;
  for (const file of files) {
    for (const chunk of file.chunks)
      told += [...(await file.read(chunk))].filter(({ topicId }) => topicId !== 126).length;
  }
  await Promise.all(sources.map((source) => source.close()));
  const model = applyEvents(initialModel, events);
  return { events, model, told, restarts, problems, meta: files.map(({ meta }) => meta) };
}
