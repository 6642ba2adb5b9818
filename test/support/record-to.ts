import type { OomscopeEvent } from '../../src/events/event.js';
import { applyEvents, initialModel } from '../../src/model/fold.js';
import { EventNumbers } from '../../src/sinks/recorder/numbered-events.js';
import { Recording } from '../../src/sinks/recorder/recording.js';
import { singleFile } from '../../src/sinks/recorder/trace-place.js';
import { TraceSink } from '../../src/sinks/recorder/trace-sink.js';
import { zstd } from './trace.js';

/** Records batches into a file as the pipeline does. */
export async function recordTo(path: string, batches: readonly (readonly OomscopeEvent[])[]): Promise<void> {
  const numbers = new EventNumbers();
  const tools = { numbers, pack: zstd.pack, runId: 'run-1', announce: () => {} };
  const sink = new TraceSink(numbers, [new Recording(tools, singleFile(path))]);
  let model = initialModel;
  for (const events of batches) {
    if (events.length === 0) continue;
    model = applyEvents(model, events);
    sink.write(events, model);
  }
  await sink.close();
}
