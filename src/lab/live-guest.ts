import { setTimeout as sleep } from 'node:timers/promises';
import { OomscopeError } from '../base/errors.js';
import type { GuestProcess, OutputHandlers } from './guest-agent.js';
import type { Machine } from './machine.js';
import { byLine } from './output.js';
import type { Scenario } from './scenarios/scenario.js';

/** Where `oomscope live` listens in the guest. */
export const GUEST_PAGE_PORT = 7070;
/** Node starts from the host's files, over 9p, in an emulated machine that may share its cores. */
const READY_DEADLINE_MS = 120_000;
const READY_RETRY_MS = 250;
const READY_ANSWER_MS = 3_000;

/** Starts `oomscope live` in the guest; resolves when its page answers at `url`. */
export async function startLive(machine: Machine, url: string, output: OutputHandlers): Promise<GuestProcess> {
  const live = machine.spawn(['oomscope', 'live', '--port', String(GUEST_PAGE_PORT), '--public-url', url], output);
  const ended = live.exited.then(({ status }): never => {
    const message = `oomscope live ended in the guest with status ${status} before its page was up.`;
    throw new OomscopeError('E_LAB_SCENARIO', message, 'What it said stands above.');
  });
  // It is awaited here for as long as it matters.
  ended.catch(() => {});
  await Promise.race([untilAnswering(url), ended]);
  return live;
}

async function untilAnswering(url: string): Promise<void> {
  const deadlineMs = performance.now() + READY_DEADLINE_MS;
  while (performance.now() < deadlineMs) {
    // QEMU accepts for the guest: a connection made before anyone listens there may never be answered.
    const signal = AbortSignal.timeout(READY_ANSWER_MS);
    const answer = await fetch(`${url}/healthz`, { signal }).catch(() => null);
    if (answer?.ok === true) return;
    await sleep(READY_RETRY_MS);
  }
  throw new OomscopeError(
    'E_LAB_SCENARIO',
    `the page did not answer at ${url} within ${READY_DEADLINE_MS / 1000} s.`,
    'Try again when the machine has less to do.',
  );
}

/** Plays a scenario again and again. `tell` gets what it says to whoever watches. */
export function playForEver(machine: Machine, scenario: Scenario, tell: (text: string) => void): GuestProcess {
  const onStdout = byLine((line) => {
    const text = spokenText(line);
    if (text !== null) tell(text);
  });
  const onStderr = byLine(tell);
  return machine.spawn(['lab-scenario', scenario.name, '--for-ever'], { onStdout, onStderr });
}

/** Of a truth line (stage/truth.ts) that is for people; null for the others. */
function spokenText(line: string): string | null {
  const truth = JSON.parse(line) as { type: string; text?: string };
  return truth.type === 'say' ? (truth.text ?? null) : null;
}
