import { answerUnpack, type UnpackRequest } from '../../../src/trace/zstd-script.js';

/** The worker's side of `unpackInWorker`. */
self.addEventListener('message', (message: MessageEvent<UnpackRequest>) => {
  self.postMessage(answerUnpack(message.data));
});
