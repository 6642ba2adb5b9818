import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OomscopeEvent } from '../../src/events/event.js';
import { Pipeline } from '../../src/pipeline/pipeline.js';
import { startWebServer } from '../../src/sinks/websocket/server.js';
import { openTimeline } from '../../src/sources/replay/open-timeline.js';
import { ReplaySource } from '../../src/sources/replay/replay-source.js';
import { recordTo } from './record-to.js';

/** A recording that is played and served, as `oomscope replay` does it. */
export interface ServedReplay {
  readonly url: string;
  stop(): Promise<void>;
}

export async function serveReplay(events: readonly OomscopeEvent[], uiDir?: string, speed = 1): Promise<ServedReplay> {
  const directory = await mkdtemp(join(tmpdir(), 'oomscope-served-'));
  const path = join(directory, 'kills.mcap');
  await recordTo(path, [events]);
  const served = await serveTrace(path, uiDir, speed);
  return {
    url: served.url,
    async stop() {
      await served.stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** `speed`: of the clock that it is played by. */
export async function serveTrace(path: string, uiDir?: string, speed = 1): Promise<ServedReplay> {
  const source = new ReplaySource(await openTimeline([path], () => {}), {
    fromUs: null,
    speed,
    onProblem: fail,
    onFailure: fail,
    onState: () => server.replayChanged(),
    onEnd: () => {},
    ready: () => Promise.resolve(),
  });
  const server = await startWebServer({ host: '127.0.0.1', port: 0, replay: source, uiDir });
  const pipeline = new Pipeline(source, [server], fail);
  await pipeline.start();
  return { url: server.url, stop: () => pipeline.stop() };
}

function fail(error: unknown): never {
  throw error;
}
