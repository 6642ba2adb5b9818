import { exportTimeline } from '../../src/report/export-timeline.js';
import type { Exporter } from '../../src/report/exporter.js';
import { PerfettoExporter } from '../../src/report/perfetto/perfetto-exporter.js';
import { openTimeline } from '../../src/sources/replay/open-timeline.js';
import { memoryBytes } from '../../src/trace/bytes.js';
import type { TraceMeta } from '../../src/trace/metadata.js';
import { Timeline } from '../../src/trace/play/timeline.js';
import { openTrace } from '../../src/trace/trace-file.js';
import type { TraceMessage } from '../../src/trace/trace-message.js';
import { decodePerfetto, PerfettoTrace } from './perfetto-published.js';
import { traceBytes, zstd } from './trace.js';

/** A trace file in memory: its messages, and what is special about it. */
export interface MadeFile {
  readonly messages: readonly TraceMessage[];
  readonly meta?: Partial<TraceMeta>;
}

/** What an export of these files is, whole. */
export async function exportOf(files: readonly MadeFile[], exporter: Exporter): Promise<Buffer> {
  const opened = await Promise.all(
    files.map(({ messages, meta }, index) =>
      openTrace(memoryBytes(`${index}.mcap`, traceBytes([messages], meta)), { unpack: zstd.unpack }),
    ),
  );
  return await wholeExport(Timeline.of(opened), exporter);
}

/** The Perfetto trace of these files, decoded by the published numbers. */
export async function perfettoOf(...files: MadeFile[]): Promise<PerfettoTrace> {
  return new PerfettoTrace(decodePerfetto(await exportOf(files, new PerfettoExporter())));
}

/** The same of files on disk, or directories of them. */
export async function perfettoOfFiles(paths: readonly string[]): Promise<PerfettoTrace> {
  const { timeline, close } = await openTimeline(paths, () => {});
  const bytes = await wholeExport(timeline, new PerfettoExporter());
  await close();
  return new PerfettoTrace(decodePerfetto(bytes));
}

async function wholeExport(timeline: Timeline, exporter: Exporter): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const onProblem = (problem: Error) => {
    throw problem;
  };
  for await (const { piece } of exportTimeline(timeline, exporter, onProblem)) {
    pieces.push(Buffer.from(piece as string));
  }
  return Buffer.concat(pieces);
}
