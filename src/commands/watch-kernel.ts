import { totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { OomscopeEvent } from '../events/event.js';
import { CriPlace } from '../identity/cri/cri-place.js';
import type { IdentityPlace } from '../identity/identity-place.js';
import { IdentityWatch } from '../identity/identity-watch.js';
import { LogFolders } from '../identity/log-folders.js';
import { kubeletSettings } from '../model/eviction.js';
import { Pipeline } from '../pipeline/pipeline.js';
import { withNearMisses } from '../pipeline/with-near-misses.js';
import { FlightRecorder } from '../sinks/flight-recorder.js';
import type { MetricsOptions, MetricsSink } from '../sinks/metrics/metrics-sink.js';
import { EventNumbers } from '../sinks/recorder/numbered-events.js';
import type { WebServer } from '../sinks/websocket/server.js';
import { readKubeletWords } from '../sources/host/kubelet.js';
import { harden } from '../sources/kernel/harden.js';
import { KernelSource } from '../sources/kernel/kernel-source.js';
import { loadAddon } from '../sources/kernel/native.js';
import { refuseSecondInstance } from '../sources/kernel/other-instance.js';
import { KubeWatch } from '../sources/kube/kube-watch.js';
import { kubeApiHere } from './kube-api.js';
import { flightLimits, kernelSourceOptions, type LiveOptions } from './live-options.js';
import { type RecordingOptions, recordingSink } from './recording.js';
import { stdoutView } from './stdout-sink.js';
import { type EndRequest, endRequest } from './until-ended.js';

export type WatchOptions = LiveOptions & RecordingOptions;

/**
 * Watches the running kernel until it is told to end. Order: what can be refused without a trace comes first, so that a
 * refusal leaves nothing behind.
 */
export async function watchKernel(options: WatchOptions): Promise<void> {
  const addon = loadAddon();
  kernelSourceOptions(options, addon.pageBytes, null);
  if (options.pins) refuseSecondInstance(options.pinDir);
  const request = endRequest();
  try {
    await watchUntilEnded(options, addon.pageBytes, request);
  } finally {
    request.release();
  }
  // A reader that never read would hold the process: its pipe is full and was given its time.
  if (process.stdout.writableLength > 0) process.exit(0);
}

async function watchUntilEnded(options: WatchOptions, pageBytes: number, request: EndRequest): Promise<void> {
  // A disk that fills up is noticed by the recorder and concerns all; after the end there is nobody left to tell.
  let announce: (event: OomscopeEvent) => void = () => {};
  const kubeApi = options.kubeApi ? kubeApiHere() : null;
  const past = new FlightRecorder(new EventNumbers(), flightLimits(options));
  const recording = await recordingSink(options, (event) => announce(event), past);
  let source: KernelSource | null = null;
  const served = options.server ? await serve(options, past, () => source?.programTimes() ?? []) : null;
  const view = stdoutView(options, request);
  source = new KernelSource(kernelSourceOptions(options, pageBytes, served?.server.url ?? null));
  const identity = new IdentityWatch(
    identityPlaces(options, (line) => view.tell(line)),
    (event) => announce(event),
  );
  const kube = kubeApi === null ? null : new KubeWatch(kubeApi.ask, kubeApi.node, (event) => announce(event));
  // The page first: somebody looks at it, and each sink costs it some time.
  const sinks = [served?.server, view.sink, recording, identity, kube, served?.metrics].filter((sink) => sink != null);
  const failures: Error[] = [];
  const pipeline = new Pipeline(withNearMisses(source), sinks, (error) => {
    failures.push(asError(error));
    request.end(asError(error));
  });
  announce = (event) => pipeline.announce(event);
  await pipeline.start();
  const { codeIsLocked } = harden(loadAddon(), fileDirectories(options));
  if (!codeIsLocked) view.tell(NOT_LOCKED);
  view.tell(startWords(served?.server ?? null, options));
  const failure = await request.ended;
  announce = () => {};
  await pipeline.stop();
  // A file may fail as late as when it is closed.
  const first = failure ?? failures[0];
  if (first !== undefined) throw first;
}

/** The page and the metrics. Loaded when they are wanted: half of the modules of a start, which a kill must not wait for. */
async function serve(
  options: WatchOptions,
  past: FlightRecorder,
  programTimes: MetricsOptions['programTimes'],
): Promise<{ server: WebServer; metrics: MetricsSink }> {
  const [{ MetricsSink }, { startWebServer }, { incidentFileMaker }] = await Promise.all([
    import('../sinks/metrics/metrics-sink.js'),
    import('../sinks/websocket/server.js'),
    import('./incident-file.js'),
  ]);
  const metrics: MetricsSink = new MetricsSink({
    evictionBytes: kubeletSettings(await readKubeletWords(), totalmem()).hard?.bytes ?? null,
    clients: (): number => server.clientCount,
    programTimes,
  });
  const makeFile = incidentFileMaker(past);
  const server: WebServer = await startWebServer({ ...options, metrics: () => metrics.text(), makeFile }, past);
  return { server, metrics };
}

/** kubelet's folders, and the container runtime where somebody wants it asked. */
function identityPlaces({ cri }: WatchOptions, say: (line: string) => void): IdentityPlace[] {
  const folders = new LogFolders(LOG_ROOT);
  return cri === undefined ? [folders] : [folders, new CriPlace(cri, say)];
}

/** Where files are still to be made. */
function fileDirectories({ recordFile, record, incidents }: WatchOptions): string[] {
  const files = recordFile === undefined ? [] : [dirname(resolve(recordFile))];
  return [...files, record, incidents].filter((path) => path !== undefined);
}

/** Where kubelet puts the logs of pods. */
const LOG_ROOT = '/var/log';

const NOT_LOCKED =
  'CAP_IPC_LOCK is not given: the code of oomscope may be thrown out when memory is short, and a kill told later. Nothing is lost by it.';

function startWords(server: WebServer | null, options: WatchOptions): string {
  const where = server === null ? 'Watching, without a page.' : `Watching. The page: ${server.url}`;
  const files = [options.recordFile, options.record, options.incidents].filter((path) => path !== undefined);
  const recording = files.length === 0 ? '' : `  Recording to ${files.join(' and ')}.`;
  return `${where}${recording}  (Ctrl-C ends)`;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
