/** Runs in the guest: plays a scenario and prints what it did. `lab-scenario` starts it. */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findScenario, SCENARIOS } from './scenarios/index.js';
import type { Scenario } from './scenarios/scenario.js';
import { exemptThisProcess } from './stage/node-memory.js';
import { Stage } from './stage/stage.js';
import { printTruth } from './stage/truth.js';

const HELP = `lab-scenario NAME [options]: plays a scenario in a guest of 'oomscope lab'

  --rounds N     so many times (1)
  --for-ever     until it is ended
  --pause-ms N   rest between two rounds (0; with --for-ever what the scenario says)
  --kills N      for storm, ghosts, random and ballots (120, 20, 20, 20)
  --seed N       for random and ballots (1)
  --adjust FILE  for ballots: JSON, { "SET": { "COMM": ADJ } }: what is to be otherwise
  --busy         for random: candidates that take and give back memory while they are scored

Prints JSON lines: what it made, who died and by whom. Scenarios: ${SCENARIOS.map(({ name }) => name).join(', ')}
`;

const DEFAULT_KILLS: Readonly<Record<string, number>> = { storm: 120, ghosts: 20, random: 20, ballots: 20 };

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '1' },
      'for-ever': { type: 'boolean', default: false },
      'pause-ms': { type: 'string' },
      kills: { type: 'string' },
      seed: { type: 'string', default: '1' },
      busy: { type: 'boolean', default: false },
      adjust: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [name, ...more] = positionals;
  const scenario = name === undefined || more.length > 0 ? undefined : findScenario(name);
  if (scenario === undefined) {
    process.stderr.write(`lab-scenario: no such scenario: ${positionals.join(' ')}\n${HELP}`);
    return 2;
  }
  if (!existsSync('/proc/cmdline') || !readFileSync('/proc/cmdline', 'utf8').includes('oomscope.lab')) {
    process.stderr.write("lab-scenario: it uses up memory on purpose and runs only in a guest of 'oomscope lab'\n");
    return 2;
  }
  exemptThisProcess();
  const stage = new Stage({
    seed: Number(values.seed),
    kills: Number(values.kills ?? DEFAULT_KILLS[scenario.name] ?? 1),
    busy: values.busy,
    adjust: values.adjust === undefined ? {} : JSON.parse(readFileSync(values.adjust, 'utf8')),
  });
  const rounds = values['for-ever'] ? Number.POSITIVE_INFINITY : Number(values.rounds);
  const pauseMs = Number(values['pause-ms'] ?? (values['for-ever'] ? scenario.pauseMs : 0));
  await play(scenario, stage, rounds, pauseMs);
  return 0;
}

async function play(scenario: Scenario, stage: Stage, rounds: number, pauseMs: number): Promise<void> {
  const { name, expected } = scenario;
  printTruth({ type: 'scenario', name, expected, seed: stage.options.seed });
  for (let round = 1; round <= rounds; round++) {
    await stage.round(round, () => scenario.play(stage));
    if (pauseMs > 0 && round < rounds) {
      stage.say(`again in ${Math.round(pauseMs / 1000)} s.`);
      await sleep(pauseMs);
    }
  }
  printTruth({ type: 'end', rounds, kills: stage.kills });
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`lab-scenario: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
