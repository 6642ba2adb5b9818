import type { PlayerClock } from '../../../src/trace/play/player.js';
import type { UnpackAnswer } from '../../../src/trace/zstd-script.js';
import type { UnpackHost } from '../../../src/trace/zstd-worker.js';
import { startWorker } from './trusted-worker.js';
import workerUrl from './unpack-worker.ts?worker&url';

function after(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}

/** Time and workers, as the browser has them. */
export const browserClock: PlayerClock = { nowMs: () => performance.now(), after };

export const browserUnpackHost: UnpackHost = {
  start(onAnswer, onFailure) {
    const worker = startWorker(workerUrl);
    worker.addEventListener('message', (message: MessageEvent<UnpackAnswer>) => onAnswer(message.data));
    worker.addEventListener('error', () => onFailure('the worker that unpacks has ended'));
    return {
      send: (request) => worker.postMessage(request),
      terminate: () => worker.terminate(),
    };
  },
  after,
};
