import { visibleJson } from '../../base/escape.js';
import type { ProcessFacts } from '../../events/process.js';
import type { Counterfactuals } from '../../model/counterfactual.js';
import { kubeJson } from '../../model/kube-facts.js';
import type { OtherLimit, OtherRequest } from '../../model/other-setting.js';
import type { UserKillFinding } from '../../model/user-kill.js';
import type { Verdict } from '../../model/verdict.js';
import type { Explained } from './build.js';
import type { Case, UserCase } from './case.js';
import { utcTime } from './times.js';

/** The verdict for programs: one object, its fields as docs/verdict.md lists them. */
export function renderJson(explained: readonly Explained[]): string {
  const lines = JSON.stringify({ incidents: explained.map(explainedJson) }, null, 2).split('\n');
  return `${lines.map(visibleJson).join('\n')}\n`;
}

function explainedJson({ id, startUs, session, sentence, what }: Explained): object {
  const head = { kind: what.kind, id, startUs, time: utcTime(startUs, session), sentence };
  switch (what.kind) {
    case 'oom-kill':
      return { ...head, ...verdictJson(what.of, what.verdict), kubernetes: kubeJson(what.kube) };
    case 'user-kill':
      return { ...head, ...userKillJson(what.of, what.finding), kubernetes: kubeJson(what.kube) };
    case 'growth':
      return { ...head, assessments: what.assessments };
  }
}

function verdictJson(of: Case, verdict: Verdict): object {
  const { cause, culprit, effect } = verdict;
  return {
    cause: { ...cause.cause, confidence: cause.confidence, evidence: cause.evidence },
    victim: processJson(of.incident.episode?.choice?.process ?? null),
    culprit: {
      ...(culprit.kind === 'cgroup' ? { ...culprit, process: processJson(culprit.process) } : culprit),
      words: verdict.culpritWords,
      growthWords: verdict.growthWords,
    },
    counterfactuals: {
      ...counterfactualsJson(verdict.counterfactuals),
      ...{ otherLimit: otherJson(verdict.otherLimit), otherRequest: otherJson(verdict.otherRequest) },
      words: verdict.otherwise,
    },
    effect: { ...effect, pressureAfter: verdict.pressureAfter, words: verdict.afterwards },
    advice: verdict.advice,
  };
}

function userKillJson({ kill }: UserCase, { cause, confidence, evidence }: UserKillFinding): object {
  return {
    cause: { ...cause, confidence, evidence },
    ...{ how: kill.how, signal: kill.signal, sender: kill.sender, killedCgroup: kill.killedCgroup },
    targets: kill.targets.map(({ process }) => processJson(process)),
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

function otherJson(other: OtherLimit | OtherRequest | null): object | null {
  if (other === null) return null;
  const process = 'process' in other ? { process: processJson(other.process) } : {};
  return { ...other, ...process, victim: processJson(other.victim) };
}

function processJson(process: ProcessFacts | null): object | null {
  if (process === null) return null;
  const { pid, comm, adj, cgroupPath } = process;
  return { pid, comm, adj, cgroupPath };
}
