import type { SessionEvent } from '../events/session.js';
import { adviseOn, type RuleName } from './advice/advice.js';
import type { Advice, Facts } from './advice/facts.js';
import { type Ballot, rankBallot } from './ballot.js';
import { type CauseFinding, findCause } from './cause-evidence.js';
import { type Counterfactuals, counterfactuals } from './counterfactual.js';
import { type Culprit, culpritOf } from './culprit.js';
import { effectOf, type KillEffect, repeatsOf } from './effect.js';
import type { Growth, MemoryTrack } from './growth.js';
import { breakdownInWords, kindInWords } from './growth-words.js';
import type { Incident } from './model.js';
import { type OtherLimit, type OtherRequest, otherLimit, otherRequest } from './other-setting.js';
import { NO_PODS, type Pods } from './pods.js';
import { NO_PRESSURE_DATA, type PressureAfter, pressureInWords } from './pressure-after.js';
import type { PlacedProcess } from './process-culprit.js';
import { type Summary, summarize } from './summary.js';
import {
  chosenInWords,
  culpritInWords,
  effectInWords,
  ifInWords,
  limitChangeInWords,
  repeatsInWords,
  requestChangeInWords,
} from './verdict-words.js';
import { weigh } from './weights.js';

/** Who died, why, who is to blame, and what to do: all that can be said of an incident, and what cannot. */
export interface Verdict {
  /** The sentences, each with its full stop, safe to print: what, why, culprit, why this one, the first advice. */
  readonly sentence: string;
  readonly summary: Summary;
  readonly cause: CauseFinding;
  readonly culprit: Culprit;
  /** The culprit as a sentence; null = nobody was killed, so nobody is to blame. */
  readonly culpritWords: string | null;
  /** Leak or cache: what kind of memory the growth was, as a sentence; null = not known, or no single one grew. */
  readonly growthWords: string | null;
  readonly counterfactuals: Counterfactuals;
  /** Another limit, or request, with which another one would have died; null = there is none to tell. */
  readonly otherLimit: OtherLimit | null;
  readonly otherRequest: OtherRequest | null;
  /** What would have happened otherwise, as sentences. */
  readonly otherwise: readonly string[];
  readonly effect: KillEffect;
  readonly pressureAfter: PressureAfter;
  /** What the kill brought, when the pressure ended, and the same victim before, as sentences. */
  readonly afterwards: readonly string[];
  readonly advice: readonly Advice[];
  readonly ballot: Ballot | null;
}

export interface VerdictInput {
  readonly incident: Incident;
  readonly session: SessionEvent | null;
  /** What is known of cgroups before the kill. */
  readonly tracks: readonly MemoryTrack[];
  /** Left out = nothing is known of it. */
  readonly pressureAfter?: PressureAfter;
  /** Left out = no process was sampled. */
  readonly processes?: readonly PlacedProcess[];
  /** All incidents: the same victim may have been killed before. */
  readonly incidents: readonly Incident[];
  /** Names of pods and containers; left out = none is known. */
  readonly pods?: Pods;
}

/** Costs one look at each candidate and point: call it for the incident that is shown, not for all. */
export function judge(input: VerdictInput): Verdict {
  const { incident, session, tracks, incidents, pressureAfter = NO_PRESSURE_DATA, processes, pods = NO_PODS } = input;
  const { episode } = incident;
  const effect = effectOf(incident);
  const repeats = repeatsOf(incident, incidents);
  if (episode === null) return withoutBallot(incident, effect, repeats, pods);
  const weights = weigh(episode.candidates, episode.pageSizeBytes);
  const ballot = rankBallot(episode, weights);
  const cause = findCause(episode);
  const culprit = culpritOf(episode, tracks, processes);
  const otherwise = counterfactuals(episode, weights);
  const facts: Facts = {
    ...{ episode, session, ballot, culprit, effect, repeats, tracks },
    ...{ cause: cause.cause, counterfactuals: otherwise, marked: incident.victims.length },
    largest: episode.candidates[weights.largest] ?? null,
  };
  const limit = otherLimit(otherwise, culprit, facts);
  const request = otherRequest(otherwise, episode, session?.memoryTotalBytes ?? null);
  const advice = episode.choice === null ? [] : adviseOn(facts);
  const summary = summarize(incident, ballot, pods);
  const culpritWords = episode.choice === null ? null : culpritInWords(culprit, episode.choice.process, pods);
  return {
    ...{
      sentence: sentenceOf(summary, culpritWords, chosenInWords(episode, ballot), advice),
      summary,
      cause,
      culprit,
      culpritWords,
    },
    growthWords: culprit.kind === 'cgroup' ? growthWordsOf(culprit.growth) : null,
    ...{ counterfactuals: otherwise, otherLimit: limit, otherRequest: request, effect, pressureAfter },
    otherwise: [
      ...ifInWords(otherwise, episode),
      ...(limit === null ? [] : [limitChangeInWords(limit)]),
      ...(request === null ? [] : [requestChangeInWords(request)]),
    ],
    afterwards: afterwardsInWords(effect, pressureInWords(pressureAfter, episode), repeats),
    ...{ advice, ballot },
  };
}

/** What was killed and whose limit was hit; who is to blame; why this one; the first thing to do. */
function sentenceOf(
  { what, why }: Summary,
  culpritWords: string | null,
  chosen: string | null,
  advice: readonly Advice[],
): string {
  const first = mainAdvice(advice);
  const happened = `${what}${what.includes(': ') ? '; ' : ': '}${why}.`;
  const sentences = [happened, culpritWords, chosen, first === null ? null : `${first.says}.`];
  return sentences.filter((sentence) => sentence !== null).join(' ');
}

/** The first thing to do; null = there is nothing to advise that answers what has happened. */
export function mainAdvice(advice: readonly Advice[]): Advice | null {
  return advice.find(({ rule }) => !LESSER_ADVICE.has(rule)) ?? null;
}

/** Good to know, and no answer to what has happened. */
const LESSER_ADVICE: ReadonlySet<string> = new Set<RuleName>(['kill-the-group', 'alert-on-loops', 'throttle-first']);

const NO_EPISODE = 'the record of the choice is not there';

function withoutBallot(incident: Incident, effect: KillEffect, repeats: readonly number[], pods: Pods): Verdict {
  const summary = summarize(incident, undefined, pods);
  return {
    sentence: `${summary.headline} Who caused it is unknown: ${NO_EPISODE}.`,
    summary,
    cause: { cause: { kind: 'unknown' }, confidence: 'inferred', evidence: [] },
    culprit: { kind: 'unknown', reason: NO_EPISODE },
    culpritWords: `Who caused it is unknown: ${NO_EPISODE}.`,
    growthWords: null,
    counterfactuals: { kind: 'unknown', reason: NO_EPISODE },
    ...{ otherLimit: null, otherRequest: null, otherwise: [] },
    effect,
    pressureAfter: NO_PRESSURE_DATA,
    afterwards: afterwardsInWords(effect, null, repeats),
    advice: [],
    ballot: null,
  };
}

function afterwardsInWords(effect: KillEffect, pressure: string | null, repeats: readonly number[]): string[] {
  return [...effectInWords(effect), ...(pressure === null ? [] : [pressure]), ...repeatsInWords(repeats)];
}

/** What grew, and what the cgroup consisted of when the kill came, kubelet's number beside it. */
function growthWordsOf(growth: Growth): string | null {
  const kind = kindInWords(growth);
  const parts = breakdownInWords(growth.to);
  return kind === null ? null : `${kind}.${parts === null ? '' : ` It held ${parts}.`}`;
}
