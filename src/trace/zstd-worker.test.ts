import { expect, test } from 'vitest';
import { zstd } from '../../test/support/trace.js';
import { answerUnpack, type UnpackAnswer, type UnpackRequest } from './zstd-script.js';
import { type UnpackHost, unpackInWorker } from './zstd-worker.js';

/** A worker that answers when `answers` says so, and counts how often one was begun and ended. */
function host(answers: (request: UnpackRequest) => UnpackAnswer | null) {
  const count = { started: 0, ended: 0 };
  const fire: (() => void)[] = [];
  const made: UnpackHost = {
    start(onAnswer) {
      count.started++;
      return {
        send: (request) => {
          const answer = answers(request);
          if (answer !== null) queueMicrotask(() => onAnswer(answer));
          else queueMicrotask(() => fire.shift()?.());
        },
        terminate: () => {
          count.ended++;
        },
      };
    },
    after(_, callback) {
      fire.push(callback);
      return () => fire.splice(fire.indexOf(callback), 1);
    },
  };
  return { host: made, count };
}

const text = new TextEncoder().encode('who dies next? '.repeat(1000));
const packed = zstd.pack(text);

test('a worker unpacks what zstd has packed, many requests one after the other', async () => {
  const { host: some, count } = host(answerUnpack);
  const { unpack, close } = unpackInWorker(some);
  const all = await Promise.all([1, 2, 3].map(() => unpack(packed, text.length)));
  for (const bytes of all) expect(Buffer.from(bytes).equals(text)).toBe(true);
  expect(count).toEqual({ started: 1, ended: 0 });
  close();
  expect(count.ended).toBe(1);
});

test('broken bytes are refused with a reason', async () => {
  const { unpack } = unpackInWorker(host(answerUnpack).host);
  await expect(unpack(new Uint8Array([1, 2, 3, 4, 5]), 10)).rejects.toThrow(/invalid zstd data/);
});

test('a worker that does not answer in time is ended, and the next chunk gets a new one', async () => {
  const { host: some, count } = host((request) => (request.id === 1 ? null : answerUnpack(request)));
  const { unpack } = unpackInWorker(some);
  await expect(unpack(packed, text.length)).rejects.toThrow(/not done after 1000 ms/);
  expect(count).toEqual({ started: 1, ended: 1 });
  expect(Buffer.from(await unpack(packed, text.length)).equals(text)).toBe(true);
  expect(count.started).toBe(2);
});
