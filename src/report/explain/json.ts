import { visibleJson } from '../../base/escape.js';
import type { ProcessFacts } from '../../events/process.js';
import type { Counterfactuals } from '../../model/counterfactual.js';
import type { Explained } from './build.js';
import { utcTime } from './times.js';

/** The verdict for programs: one object, its fields as docs/verdict.md lists them. */
export function renderJson(explained: readonly Explained[]): string {
  const lines = JSON.stringify({ incidents: explained.map(verdictJson) }, null, 2).split('\n');
  return `${lines.map(visibleJson).join('\n')}\n`;
}

function verdictJson({ id, of, verdict }: Explained): object {
  const { cause, culprit, effect } = verdict;
  return {
    ...{ id, startUs: of.incident.startUs, time: utcTime(of.incident.startUs, of.session), sentence: verdict.sentence },
    cause: { ...cause.cause, confidence: cause.confidence, evidence: cause.evidence },
    victim: processJson(of.incident.episode?.choice?.process ?? null),
    culprit: {
      ...(culprit.kind === 'cgroup' ? { ...culprit, process: processJson(culprit.process) } : culprit),
      words: verdict.culpritWords,
      growthWords: verdict.growthWords,
    },
    counterfactuals: { ...counterfactualsJson(verdict.counterfactuals), words: verdict.otherwise },
    effect: { ...effect, words: verdict.afterwards },
    advice: verdict.advice,
  };
}

function counterfactualsJson(known: Counterfactuals): object {
  if (known.kind === 'unknown') return { kind: known.kind, reason: known.reason };
  return {
    kind: known.kind,
    adjChanges: known.adjChanges.map(({ candidate, adj, delta, victim }) => ({
      ...{ process: processJson(candidate), adj, delta, victim: processJson(victim) },
    })),
    deathOrder: known.deathOrder.map(processJson),
  };
}

function processJson(process: ProcessFacts | null): object | null {
  if (process === null) return null;
  const { pid, comm, adj, cgroupPath } = process;
  return { pid, comm, adj, cgroupPath };
}
