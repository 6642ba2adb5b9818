import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { GuestAgent, OutputHandlers } from './guest-agent.js';

/**
 * Passes a command's output on as it comes. When a receiver is slow the guest's output waits: nothing piles up here and
 * nothing is dropped.
 */
export function passOn(
  agent: GuestAgent,
  stdout: NodeJS.WritableStream,
  stderr: NodeJS.WritableStream,
): OutputHandlers {
  const to = (stream: NodeJS.WritableStream) => (bytes: Buffer) => {
    if (stream.write(bytes)) return;
    agent.pause();
    stream.once('drain', () => agent.resume());
  };
  return { onStdout: to(stdout), onStderr: to(stderr) };
}

/** Calls `onLine` for each line of a command's output, however it is cut; the last one need not be ended. */
export function byLine(onLine: (line: string) => void): (bytes: Buffer) => void {
  const stream = new PassThrough();
  createInterface({ input: stream }).on('line', onLine);
  return (bytes) => stream.write(bytes);
}
