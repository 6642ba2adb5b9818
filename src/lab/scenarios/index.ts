import { allocatingTask } from './allocating-task.js';
import { ballots } from './ballots.js';
import { bound } from './bound.js';
import { dying } from './dying.js';
import { ghosts } from './ghosts.js';
import { group } from './group.js';
import { hostagent } from './hostagent.js';
import { nested } from './nested.js';
import { node } from './node.js';
import { pagecache } from './pagecache.js';
import { random } from './random.js';
import type { Scenario } from './scenario.js';
import { sidecar } from './sidecar.js';
import { storm } from './storm.js';
import { stuck } from './stuck.js';
import { sysrq } from './sysrq.js';
import { threads } from './threads.js';

/** Every scenario, those for people first. */
export const SCENARIOS: readonly Scenario[] = [
  sidecar,
  pagecache,
  hostagent,
  nested,
  group,
  node,
  bound,
  allocatingTask,
  sysrq,
  threads,
  dying,
  stuck,
  storm,
  ghosts,
  random,
  ballots,
];

export const DEFAULT_SCENARIO = sidecar;

export function findScenario(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.name === name);
}
