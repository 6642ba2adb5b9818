import type { PlayerClock } from '../../../src/trace/play/player.js';
import type { UnpackAnswer } from '../../../src/trace/zstd-script.js';
import type { UnpackHost } from '../../../src/trace/zstd-worker.js';
import workerUrl from './unpack-worker.ts?worker&url';

function after(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}

/** Time and workers, as the browser has them. */
export const browserClock: PlayerClock = { nowMs: () => performance.now(), after };

export const browserUnpackHost: UnpackHost = {
  start(onAnswer, onFailure) {
    const worker = new Worker(trustedUrl(workerUrl), { type: 'module' });
    worker.addEventListener('message', (message: MessageEvent<UnpackAnswer>) => onAnswer(message.data));
    worker.addEventListener('error', () => onFailure('the worker that unpacks has ended'));
    return {
      send: (request) => worker.postMessage(request),
      terminate: () => worker.terminate(),
    };
  },
  after,
};

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

/** The page's policy lets only this one kind of script URL through: the worker that was built with it. */
function trustedUrl(url: string): string {
  const types = (globalThis as { readonly trustedTypes?: TrustedTypes }).trustedTypes;
  policy ??= types?.createPolicy('oomscope-worker', {
    createScriptURL(asked) {
      if (asked !== workerUrl) throw new TypeError('no worker of this page');
      return asked;
    },
  });
  return policy?.createScriptURL(url) ?? url;
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;
