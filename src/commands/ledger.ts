import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { messageOf } from '../base/errors.js';
import { visibleJson } from '../base/escape.js';
import { evictionDistance, kubeletSettings } from '../model/eviction.js';
import { makeLedger } from '../model/ledger.js';
import { renderLines } from '../sinks/text/line.js';
import { readKubeletWords } from '../sources/host/kubelet.js';
import { LedgerSource } from '../sources/host/ledger-source.js';
import { readNodeState } from '../sources/kube/node-state.js';
import { KUBE_API_HELP, type KubeApiHere, kubeApiHere } from './kube-api.js';
import { type LedgerReport, ledgerJson, ledgerLines } from './ledger-report.js';
import { stdoutStyle } from './terminal.js';

/** Between the two readings of memory.available that its rate is made of. */
const MEASURE_MS = 2_000;

/** `oomscope ledger`: where the memory of this node is, and how far kubelet's eviction lines are. */
export function ledgerCommand(): Command {
  return new Command('ledger')
    .description("Add up this node's memory: pods, services, kernel, free; and say how far the eviction lines are.")
    .option('--json', 'as JSON, amounts in bytes', false)
    .option('--kube-api', KUBE_API_HELP)
    .addHelpText('after', HELP)
    .action(runLedger);
}

const HELP = `
It watches memory.available for ${MEASURE_MS / 1000} seconds for its rate. kubelet's lines come from its command line and its file,
where they may be read, else from its defaults: the output says which.

Examples:
  sudo oomscope ledger
  sudo oomscope ledger --json | jq '.outsidePods[0]'
`;

interface LedgerOptions {
  readonly json: boolean;
  readonly kubeApi?: true;
}

async function runLedger({ json, kubeApi }: LedgerOptions): Promise<void> {
  const report = await makeReport(kubeApi ? kubeApiHere() : null);
  if (json) {
    const lines = JSON.stringify(ledgerJson(report), null, 2).split('\n');
    process.stdout.write(`${lines.map(visibleJson).join('\n')}\n`);
    return;
  }
  process.stdout.write(renderLines(ledgerLines(report), stdoutStyle()));
}

async function makeReport(api: KubeApiHere | null): Promise<LedgerReport> {
  const answer = api === null ? null : readNodeState(api.ask, api.node).catch(messageOf);
  const source = new LedgerSource();
  try {
    const startMs = performance.now();
    const before = source.availableBytes();
    await sleep(MEASURE_MS);
    const input = source.read();
    const availableBytes = source.availableBytes();
    const seconds = (performance.now() - startMs) / 1000;
    const fallBytesPerSecond = before === null || availableBytes === null ? null : (before - availableBytes) / seconds;
    const told = await answer;
    const kubePods = told === null || typeof told === 'string' ? null : told.pods;
    const ledger = makeLedger({ ...input, kubePods });
    const kubelet = kubeletSettings(await readKubeletWords(), ledger.capacityBytes);
    const distance = (line: typeof kubelet.hard) =>
      line === null || availableBytes === null ? null : evictionDistance(line, availableBytes, fallBytesPerSecond);
    return {
      ledger,
      kubelet,
      availableBytes,
      fallBytesPerSecond,
      hard: distance(kubelet.hard),
      soft: distance(kubelet.soft),
      kubeObstacle: typeof told === 'string' ? told : null,
    };
  } finally {
    source.close();
  }
}
