import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import type { OomscopeEvent } from '../../src/events/event.js';
import { applyEvents, initialModel } from '../../src/model/fold.js';
import { openTimeline } from '../../src/sources/replay/open-timeline.js';
import { isKillEvent } from '../../src/trace/kill-event.js';
import { Seeker } from '../../src/trace/play/seek.js';
import { perfettoOfFiles } from '../support/export-of.js';
import { readTraces } from '../support/read-traces.js';
import { Recording } from './harness/recording.js';
import { describeOnKernels, type Vm } from './harness/vm.js';

const SEEKS = 20;
const TRACES = '/run/oomscope-traces';

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as OomscopeEvent);

const foldedUntil = (events: readonly OomscopeEvent[], tUs: number) =>
  applyEvents(
    initialModel,
    events.filter((event) => event.tUs <= tUs),
  );

/** Copies the traces out of the guest. Resolves with their paths here. */
async function fetchTraces(vm: Vm, to: string): Promise<string[]> {
  const archive = Buffer.from(await vm.succeed(`tar -C ${TRACES} -c . | base64`), 'base64');
  execFileSync('tar', ['-x', '-C', to], { input: archive });
  return (await readdir(to)).map((name) => join(to, name));
}

async function seekEverywhere(path: string, events: readonly OomscopeEvent[]): Promise<void> {
  const { timeline, close, problems } = await openTimeline([path], () => {});
  expect(problems).toEqual([]);
  const seeker = new Seeker(timeline, (problem) => expect.fail(problem.message));
  const bootEpochUs = timeline.sections[0]?.bootEpochUs ?? Number.NaN;
  for (let seek = 0; seek < SEEKS; seek++) {
    const timeUs = Math.floor(timeline.startUs + Math.random() * (timeline.endUs - timeline.startUs));
    const sought = await seeker.seek(timeUs);
    expect(applyEvents(initialModel, sought.events)).toStrictEqual(foldedUntil(events, timeUs - bootEpochUs));
  }
  await close();
}

describeOnKernels('a live run that was recorded', (vm, kernel) => {
  it('replays event for event to the same model, from wherever one seeks, and each kill left a file as well', async () => {
    await vm().succeed(`rm -rf ${TRACES}`);
    const recording = await Recording.start(vm(), ['--no-server', '--record', TRACES, '--incidents', TRACES]);
    await vm().scenario(`random --kills 30 --seed ${kernel === '6.1' ? 41 : 412}`);
    await recording.stop();
    const { events, kills } = recording;
    expect(kills.length).toBeGreaterThanOrEqual(30);

    // The recording and the incident files overlap, and are one all the same.
    expect(linesOf(await vm().succeed(`oomscope replay ${TRACES} --no-server --json`))).toStrictEqual(events);

    expect(linesOf(await vm().succeed(`oomscope export ${TRACES} --to ndjson`))).toStrictEqual(events);

    const directory = await mkdtemp(join(tmpdir(), 'oomscope-vm-replay-'));
    const paths = await fetchTraces(vm(), directory);
    const incidents = paths.filter((path) => basename(path).startsWith('incident-'));
    const [whole = ''] = paths.filter((path) => !incidents.includes(path));
    await seekEverywhere(whole, events);
    const told = await readTraces(incidents);
    expect(told.meta[0]?.incidentId).toBe(String(kills[0]?.episodeUs));
    expect(told.events.filter(({ topic }) => topic === '/oom/episode')).toStrictEqual(recording.of('/oom/episode'));
    expect((await perfettoOfFiles([directory])).on('kills')).toHaveLength(events.filter(isKillEvent).length);
    await rm(directory, { recursive: true });
    await vm().succeed(`rm -rf ${TRACES}`);
  });
});
