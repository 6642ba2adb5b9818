import type { Unpack } from './zstd.js';
import type { UnpackAnswer, UnpackRequest } from './zstd-script.js';

/** A worker that answers each request with `answerUnpack`; the page makes it of a Worker, tests of a thread. */
export interface UnpackWorker {
  send(request: UnpackRequest): void;
  terminate(): void;
}

export interface UnpackHost {
  /** Starts a worker; `onAnswer` gets its answers, `onFailure` hears that it ended by itself. */
  start(onAnswer: (answer: UnpackAnswer) => void, onFailure: (reason: string) => void): UnpackWorker;
  /** Calls back once after this long. Returns how to cancel it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A chunk takes some milliseconds; one that takes this long has no end. */
const UNPACK_DEADLINE_MS = 1_000;

/** Unpacks in a worker, which is ended and replaced when it does not answer in time. One request at a time. */
export function unpackInWorker(host: UnpackHost): { readonly unpack: Unpack; readonly close: () => void } {
  let worker: UnpackWorker | null = null;
  let lastId = 0;
  let turn: Promise<unknown> = Promise.resolve();
  let settle: (answer: UnpackAnswer) => void = () => {};

  const end = () => {
    worker?.terminate();
    worker = null;
  };

  const ask = (packed: Uint8Array, sizeBytes: number): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      const cancel = host.after(UNPACK_DEADLINE_MS, () => {
        end();
        settle({ id, bytes: `it is not done after ${UNPACK_DEADLINE_MS} ms` });
      });
      settle = (answer) => {
        if (answer.id !== id) return;
        cancel();
        settle = () => {};
        if (typeof answer.bytes === 'string') reject(new Error(answer.bytes));
        else resolve(answer.bytes);
      };
      worker ??= host.start(
        (answer) => settle(answer),
        (reason) => {
          worker = null;
          settle({ id, bytes: reason });
        },
      );
      worker.send({ id, packed, sizeBytes });
    });

  return {
    unpack(packed, sizeBytes) {
      const answer = turn.then(() => ask(packed, sizeBytes));
      turn = answer.catch(() => {});
      return answer;
    },
    close: end,
  };
}
