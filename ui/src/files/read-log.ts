import type { Model } from '../../../src/model/model.js';
import type { LogAnswer, LogRequest } from './log-worker.js';
import logWorkerUrl from './log-worker.ts?worker&url';
import { startWorker } from './trusted-worker.js';

export interface ReadLog {
  readonly models: readonly Model[];
  readonly lines: number;
  readonly problems: number;
}

/** Reads the kills out of a kernel log, in a worker. Throws where the file cannot be read. */
export function readLog(file: File, onProgress: (doneBytes: number, totalBytes: number) => void): Promise<ReadLog> {
  const worker = startWorker(logWorkerUrl);
  return new Promise<ReadLog>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<LogAnswer>) => {
      if (data.kind === 'progress') onProgress(data.doneBytes, data.totalBytes);
      else if (data.kind === 'failed') reject(new Error(data.reason));
      else resolve(data);
    });
    worker.addEventListener('error', () => reject(new Error('the worker that reads it has ended')));
    worker.postMessage({ file } satisfies LogRequest);
  }).finally(() => worker.terminate());
}
