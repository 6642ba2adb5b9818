import type { Advice, Facts, Rule } from './facts.js';
import * as died from './who-died.js';
import * as grew from './who-grew.js';

/** Every rule, the most telling first: what led to the kill, then whom it hit, then how it went. */
export const RULES = {
  'limit-the-culprit': grew.limitTheCulprit,
  'reserve-for-the-system': grew.reserveForTheSystem,
  'limit-the-largest': grew.limitTheLargest,
  'protected-holder': died.protectedHolder,
  'leak-or-limit': grew.leakOrLimit,
  'bound-the-shmem': grew.boundTheShmem,
  'widen-the-nodes': died.widenTheNodes,
  'lower-the-victims-adj': died.lowerTheVictimsAdj,
  'futile-kill': died.futileKill,
  'kill-the-group': died.killTheGroup,
  'alert-on-loops': died.alertOnLoops,
  'throttle-first': died.throttleFirst,
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof RULES;

/** The advice whose evidence is there, the most telling first. */
export function adviseOn(facts: Facts): Advice[] {
  return (Object.entries(RULES) as [RuleName, Rule][]).flatMap(([rule, apply]) => {
    const advice = apply(facts);
    return advice === null ? [] : [{ rule, ...advice }];
  });
}
