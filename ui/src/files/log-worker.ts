import { VERSION } from '../../../src/base/version.js';
import { LogImport } from '../../../src/kernel-log/log-import.js';
import { applyEvents, initialModel } from '../../../src/model/fold.js';
import type { Model } from '../../../src/model/model.js';

/** What the worker is asked. */
export interface LogRequest {
  readonly file: File;
}

export type LogAnswer =
  | { readonly kind: 'progress'; readonly doneBytes: number; readonly totalBytes: number }
  /** One model for each host and boot, in the order of the log. */
  | { readonly kind: 'read'; readonly models: readonly Model[]; readonly lines: number; readonly problems: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** More than any log that a person reads; a packed one may claim anything. */
const MAX_UNPACKED_BYTES = 1024 ** 3;
const PROGRESS_BYTES = 4 * 1024 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b] as const;

self.addEventListener('message', (message: MessageEvent<LogRequest>) => {
  void read(message.data.file).then(
    (answer) => self.postMessage(answer),
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      self.postMessage({ kind: 'failed', reason } satisfies LogAnswer);
    },
  );
});

async function read(file: File): Promise<LogAnswer> {
  const models = new Map<number, Model>();
  const log = new LogImport(
    {
      events: (part, events) => models.set(part, applyEvents(models.get(part) ?? initialModel, events)),
      end: () => {},
    },
    {
      notAfterUs: file.lastModified * 1000,
      utcOffsetMinutes: (writtenMs) => -new Date(writtenMs).getTimezoneOffset(),
    },
    VERSION,
  );
  const isPacked = await startsWith(file, GZIP_MAGIC);
  const stream = isPacked ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
  const reader = stream.getReader();
  let doneBytes = 0;
  let toldBytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    doneBytes += value.length;
    if (doneBytes > MAX_UNPACKED_BYTES) throw new Error('it is longer than a GiB: cut out the part that you need');
    log.push(value);
    if (!isPacked && doneBytes - toldBytes >= PROGRESS_BYTES) {
      toldBytes = doneBytes;
      self.postMessage({ kind: 'progress', doneBytes, totalBytes: file.size } satisfies LogAnswer);
    }
  }
  const { lines, problems } = log.end();
  return {
    kind: 'read',
    models: [...models.entries()].sort(([a], [b]) => a - b).map(([, model]) => model),
    lines,
    problems,
  };
}

async function startsWith(file: File, magic: readonly number[]): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, magic.length).arrayBuffer());
  return magic.every((byte, index) => head[index] === byte);
}
