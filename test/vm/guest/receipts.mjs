// Runs in a guest. Says when it got to know of each kill: a JSON line {pid, tUs} each, CLOCK_MONOTONIC in µs, which is
// CLOCK_BOOTTIME in a guest that never sleeps.
//   node receipts.mjs websocket ws://127.0.0.1:7070/ws   kills as a client of oomscope gets them
//   node receipts.mjs lines                              kills as lines of oomkill.bt on stdin
import { createInterface } from 'node:readline';

const nowUs = () => Number(process.hrtime.bigint() / 1000n);

/** @param {object} line */
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** @param {string} url */
async function fromWebSocket(url) {
  const { WebSocket } = await import('ws');
  const { decodeFrame } = await import('../../../dist/wire/frame.js');
  const socket = new WebSocket(url, 'oomscope.v1');
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data) => {
    const tUs = nowUs();
    for (const item of decodeFrame(data)) {
      if (item.kind === 'history-complete') say({ ready: true });
      if (item.kind !== 'event' || item.event.topic !== '/oom/episode') continue;
      const { choice } = item.event;
      if (choice !== null) say({ pid: choice.process.pid, tUs });
    }
  });
}

function fromLines() {
  createInterface({ input: process.stdin }).on('line', (text) => {
    const tUs = nowUs();
    const pid = / OOM kill of PID ([0-9]+) /.exec(text)?.[1];
    if (pid !== undefined) say({ pid: Number(pid), tUs });
    else if (text.startsWith('Tracing')) say({ ready: true });
  });
}

const [how, url] = process.argv.slice(2);
if (how === 'websocket') await fromWebSocket(url);
else fromLines();
