import type { Vm } from './vm.js';

const INSTANCE = '/sys/kernel/tracing/instances/sent-signals';
const NAMES: Readonly<Record<string, string>> = { '9': 'SIGKILL', '15': 'SIGTERM' };

/** What user space in a guest sent, as the kernel's own tracing tells it: so a test knows that there was something to leave out. */
export class SentSignals {
  private constructor(private readonly vm: Vm) {}

  static async start(vm: Vm): Promise<SentSignals> {
    // code <= 0: by a process; result 0: delivered.
    await vm.succeed(`mkdir -p ${INSTANCE} && cd ${INSTANCE}/events/signal/signal_generate
      echo '(sig == 9 || sig == 15) && code <= 0 && result == 0' > filter && echo 1 > enable`);
    return new SentSignals(vm);
  }

  /** Since it was asked last: who sent what to whom, by name, each once: `make SIGTERM cc`. */
  async take(): Promise<string[]> {
    const trace = await this.vm.succeed(`cat ${INSTANCE}/trace; echo > ${INSTANCE}/trace`);
    const sent = trace.matchAll(/^\s*(.+)-\d+\s+\[\d+\].*: signal_generate: sig=(\d+) .*comm=(.+) pid=\d+ /gm);
    return [...new Set([...sent].map(([, sender, signal, target]) => `${sender} ${NAMES[signal ?? '']} ${target}`))];
  }

  async stop(): Promise<void> {
    await this.vm.succeed(`rmdir ${INSTANCE}`);
  }
}
