import { expect, it } from 'vitest';
import { KillStream } from './harness/kill-stream.js';
import { Recording } from './harness/recording.js';
import { describeOnKernels, type Vm } from './harness/vm.js';
import type { VmProcess } from './harness/vm-process.js';

const KILLS = 100;
/** Compiling its programs takes bpftrace long. */
const READY_MS = 120_000;
/** So long after the last kill all shall be told. */
const SETTLE_MS = 30_000;

const CLIENT = 'test/vm/guest/receipts.mjs';

interface Receipt {
  readonly pid: number;
  readonly tUs: number;
}

function receiptsOf(process: VmProcess): Receipt[] {
  return process.lines
    .map((line) => JSON.parse(line) as Partial<Receipt>)
    .filter((line): line is Receipt => 'pid' in line);
}

/** Null where it is not installed, or does not work on this kernel. */
async function startBpftrace(vm: Vm): Promise<VmProcess | null> {
  // -B line: else its lines wait in a buffer when nobody looks at a terminal.
  const pipe = `bpftrace -B line /usr/sbin/oomkill.bt | exec "$OOMSCOPE_LAB_NODE" ${CLIENT} lines`;
  if ((await vm.exec('command -v bpftrace && test -e /usr/sbin/oomkill.bt')).status !== 0) return null;
  const process = vm.spawn(['bash', '-c', pipe]);
  await process.lineWith('ready', READY_MS);
  return process;
}

const millis = (us: number | undefined) => (us === undefined ? '–' : `${(us / 1000).toFixed(1)} ms`);

/** One line of the table. Of n sorted values the p99 is the one that 99 % do not exceed. */
function row(name: string, receipts: readonly Receipt[], choiceUs: ReadonlyMap<number, number>): string {
  const latencies = receipts.flatMap(({ pid, tUs }) => {
    const chosen = choiceUs.get(pid);
    return chosen === undefined ? [] : [tUs - chosen];
  });
  latencies.sort((a, b) => a - b);
  const at = (quantile: number) => millis(latencies[Math.ceil(latencies.length * quantile) - 1]);
  const cells = [at(0.5), at(0.99), `${latencies.length} of ${KILLS}`].map((cell) => cell.padStart(12));
  return `${name.padEnd(32)}${cells.join('')}`;
}

describeOnKernels('from the choice to whoever watches', (vm, kernel) => {
  it(`${KILLS} kills all reach a WebSocket client; how soon, beside bpftrace, is printed`, async () => {
    const recording = await Recording.start(vm(), ['--port', '7070']);
    const client = vm().spawn(['bash', '-c', `exec "$OOMSCOPE_LAB_NODE" ${CLIENT} websocket ws://127.0.0.1:7070/ws`]);
    await client.lineWith('ready');
    const bpftrace = await startBpftrace(vm());

    // A rest between two kills, or one would wait for the one before.
    const killed = await KillStream.run(vm(), KILLS, { growBytesPerSecond: 80 * 2 ** 20 });
    await expect.poll(() => receiptsOf(client).length, { timeout: SETTLE_MS }).toBe(KILLS);
    await expect
      .poll(() => (bpftrace === null ? KILLS : receiptsOf(bpftrace).length), { timeout: SETTLE_MS })
      .toBe(KILLS);
    for (const process of [client, bpftrace]) process?.kill('SIGTERM');
    await Promise.all([client.exited, bpftrace?.exited]);
    await recording.stop();

    const choices = recording.kills.flatMap(({ choice }) => (choice === null ? [] : [choice]));
    // Up to the return of out_of_memory(): before it an episode cannot be told whole.
    const ends = recording.kills.flatMap(({ choice, tUs }) =>
      choice === null ? [] : [{ pid: choice.process.pid, tUs }],
    );
    const choiceUs = new Map(choices.map(({ process, choiceUs }) => [process.pid, choiceUs]));
    const head = ['median', 'p99', 'kills'].map((cell) => cell.padStart(12)).join('');
    console.log(
      [
        `${`choice → receipt, Linux ${kernel}`.padEnd(32)}${head}`,
        row('oomscope → WebSocket client', receiptsOf(client), choiceUs),
        row('… of it in the kernel', ends, choiceUs),
        row('bpftrace oomkill.bt → its line', bpftrace === null ? [] : receiptsOf(bpftrace), choiceUs),
      ].join('\n'),
    );
    const pids = killed.map(({ pid }) => pid);
    expect(receiptsOf(client).map(({ pid }) => pid)).toEqual(pids);
    expect(choices.map(({ process }) => process.pid)).toEqual(pids);
    for (const { pid, tUs } of receiptsOf(client)) expect(tUs).toBeGreaterThan(choiceUs.get(pid) ?? Number.NaN);
  });
});
