import { describe, expect, it } from 'vitest';
import { sampleEpisode, sampleLoss, sampleSession, sampleVictim } from '../../test/support/sample-events.js';
import type { OomscopeEvent } from '../events/event.js';
import { applyEvents, initialModel } from '../model/fold.js';
import type { Model } from '../model/model.js';
import type { Sink } from '../sinks/sink.js';
import type { Source } from '../sources/source.js';
import { Pipeline } from './pipeline.js';

/** Emits `first` at start and `last` at stop. */
function sourceOf(first: OomscopeEvent[], last: OomscopeEvent[] = []): Source & { emit: (e: OomscopeEvent[]) => void } {
  let out: (events: readonly OomscopeEvent[]) => void = () => {};
  return {
    emit: (events) => out(events),
    start: async (emit) => {
      out = emit;
      emit(first);
    },
    stop: async () => {
      if (last.length > 0) out(last);
    },
  };
}

class RecordingSink implements Sink {
  readonly seen: { events: readonly OomscopeEvent[]; model: Model }[] = [];
  closed = 0;

  constructor(private readonly failOn?: 'write' | 'close') {}

  write(events: readonly OomscopeEvent[], model: Model): void {
    if (this.failOn === 'write') throw new Error('write failed');
    this.seen.push({ events, model });
  }

  async close(): Promise<void> {
    this.closed++;
    if (this.failOn === 'close') throw new Error('close failed');
  }
}

describe('pipeline', () => {
  it('every sink gets each batch with the model after it, the last drained ones included', async () => {
    const sinks = [new RecordingSink(), new RecordingSink()];
    const session = sampleSession();
    const pipeline = new Pipeline(sourceOf([session], [sampleVictim(), sampleEpisode()]), sinks, () => {});
    await pipeline.start();
    await pipeline.stop();
    for (const sink of sinks) {
      expect(sink.seen.map(({ events }) => events.length)).toEqual([1, 2]);
      expect(sink.seen[1]?.model).toEqual(applyEvents(initialModel, [session, sampleVictim(), sampleEpisode()]));
      expect(sink.closed).toBe(1);
    }
    expect(pipeline.model.incidents).toHaveLength(1);
  });

  it('a sink that throws is told once and left out, the others go on', async () => {
    const failures: unknown[] = [];
    const good = new RecordingSink();
    const source = sourceOf([sampleSession()]);
    const pipeline = new Pipeline(source, [new RecordingSink('write'), good], (error) => failures.push(error));
    await pipeline.start();
    source.emit([sampleVictim()]);
    await pipeline.stop();
    expect(failures).toHaveLength(1);
    expect(good.seen).toHaveLength(2);
  });

  it('a restart makes the model anew, and every sink that wants to know is told the state', async () => {
    let restart: (state: readonly OomscopeEvent[]) => void = () => {};
    const source: Source = {
      start: async (emit, again) => {
        restart = again;
        emit([sampleSession(), sampleEpisode()]);
      },
      stop: async () => {},
    };
    const restarted: Model[] = [];
    const sink = Object.assign(new RecordingSink(), {
      restart: (_: readonly OomscopeEvent[], model: Model) => restarted.push(model),
    });
    const pipeline = new Pipeline(source, [sink, new RecordingSink()], () => {});
    await pipeline.start();
    restart([sampleSession()]);
    expect(pipeline.model).toEqual(applyEvents(initialModel, [sampleSession()]));
    expect(restarted).toEqual([pipeline.model]);
    expect(sink.seen).toHaveLength(1);
  });

  it('what one sink announces, all get', async () => {
    const sinks = [new RecordingSink(), new RecordingSink()];
    const pipeline = new Pipeline(sourceOf([sampleSession()]), sinks, () => {});
    await pipeline.start();
    pipeline.announce(sampleLoss({ where: 'recorder', count: 3 }));
    for (const sink of sinks) expect(sink.seen[1]?.model.lost).toEqual({ recorder: 3 });
  });

  it('a source that cannot start leaves no sink open', async () => {
    const sink = new RecordingSink();
    const source: Source = {
      start: () => Promise.reject(new Error('refused')),
      stop: () => Promise.resolve(),
    };
    await expect(new Pipeline(source, [sink], () => {}).start()).rejects.toThrow('refused');
    expect(sink.closed).toBe(1);
  });

  it('sinks are closed although the source fails to stop or one of them fails to close', async () => {
    const failures: unknown[] = [];
    const good = new RecordingSink();
    const source: Source = { start: async () => {}, stop: () => Promise.reject(new Error('stuck')) };
    const pipeline = new Pipeline(source, [new RecordingSink('close'), good], (error) => failures.push(error));
    await pipeline.start();
    await expect(pipeline.stop()).rejects.toThrow('stuck');
    expect(good.closed).toBe(1);
    expect(failures).toHaveLength(1);
  });
});
