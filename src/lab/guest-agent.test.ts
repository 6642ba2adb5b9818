import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { GuestAgent } from './guest-agent.js';
import { encodeFrame, encodeU32, FRAME, type Frame, FrameReader } from './protocol.js';

/** Both ends of a line: what the agent sends is kept, what the guest says is pushed. */
function line() {
  const sent: Frame[] = [];
  const reader = new FrameReader();
  const stream = new Duplex({
    read() {},
    write(bytes: Buffer, _encoding, done) {
      sent.push(...reader.push(bytes));
      done();
    },
  });
  const say = (type: string, number: number, payload: string | Buffer = '') =>
    stream.push(encodeFrame(type, number, Buffer.from(payload)));
  return { stream, sent, say };
}

const COMMAND = { argv: ['true'], cwd: '/', environment: {} };

describe('the agent of a guest', () => {
  it('says hello with the kernel release', async () => {
    const { stream, say } = line();
    const agent = new GuestAgent(stream);
    say(FRAME.hello, 0, '6.1.0');
    expect(await agent.hello).toBe('6.1.0');
  });

  it('keeps the output of commands apart that run at the same time', async () => {
    const { stream, sent, say } = line();
    const agent = new GuestAgent(stream);
    const seen: string[] = [];
    const first = agent.spawn(COMMAND, { onStdout: (bytes) => seen.push(`first ${bytes}`) });
    const second = agent.spawn(COMMAND, { onStderr: (bytes) => seen.push(`second ${bytes}`) });
    const [a, b] = sent.map((frame) => frame.stream);
    expect(a).not.toBe(b);
    say(FRAME.stderr, b ?? 0, 'oops');
    say(FRAME.stdout, a ?? 0, 'fine');
    say(FRAME.exit, b ?? 0, encodeU32(1 << 8));
    say(FRAME.exit, a ?? 0, encodeU32(0));
    expect(await second.exited).toEqual({ status: 1, signal: null });
    expect(await first.exited).toEqual({ status: 0, signal: null });
    expect(seen).toEqual(['second oops', 'first fine']);
  });

  it('what a command left running says after its end reaches nobody', async () => {
    const { stream, sent, say } = line();
    const seen: string[] = [];
    const process = new GuestAgent(stream).spawn(COMMAND, { onStdout: (bytes) => seen.push(bytes.toString()) });
    const number = sent[0]?.stream ?? 0;
    say(FRAME.exit, number, encodeU32(0));
    say(FRAME.stdout, number, 'late');
    await process.exited;
    expect(seen).toEqual([]);
  });

  it('a file that cannot be written fails with the reason', async () => {
    const { stream, sent, say } = line();
    const written = new GuestAgent(stream).writeFile('/no/such', Buffer.from('x'));
    say(FRAME.result, sent[0]?.stream ?? 0, encodeU32(2));
    await expect(written).rejects.toThrow('cannot write /no/such: no such file or directory');
  });

  it('when the guest is lost, whatever waits fails with the reason, and so does whatever comes later', async () => {
    const { stream } = line();
    const agent = new GuestAgent(stream);
    const running = agent.spawn(COMMAND);
    agent.lose(new Error('its kernel panicked'));
    agent.lose(new Error('its line was closed'));
    await expect(running.exited).rejects.toThrow('its kernel panicked');
    await expect(agent.hello).rejects.toThrow('its kernel panicked');
    await expect(agent.spawn(COMMAND).exited).rejects.toThrow('its kernel panicked');
    await expect(agent.proxy(80)).rejects.toThrow('its kernel panicked');
    expect(stream.destroyed).toBe(true);
  });

  it('bytes that are no frame lose the guest', async () => {
    const { stream } = line();
    const agent = new GuestAgent(stream);
    stream.push(Buffer.alloc(64, 0xff));
    await expect(agent.hello).rejects.toThrow(/it sent a frame of/);
  });
});
