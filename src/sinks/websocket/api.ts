import { rankBallot } from '../../model/ballot.js';
import { isKill } from '../../model/incidents.js';
import type { Incident, Model } from '../../model/model.js';
import type { Pods } from '../../model/pods.js';
import { summarize } from '../../model/summary.js';
import { workloadOf } from '../../model/workload.js';

/** An incident in the list of `/api/incidents`, newest first. */
export interface IncidentListEntry {
  readonly id: string;
  readonly startUs: number;
  /** UTC, from the session's clock anchor; null before there is one. */
  readonly startTime: string | null;
  /** False = the kernel looked for a victim and killed nobody. */
  readonly killed: boolean;
  readonly headline: string;
  /** Path of the whole incident. */
  readonly href: string;
}

export function incidentList(model: Model): { readonly incidents: readonly IncidentListEntry[] } {
  const incidents = model.incidents.toReversed().map((incident) => ({
    id: incident.id,
    startUs: incident.startUs,
    startTime: startTime(model, incident),
    killed: isKill(incident),
    headline: summarize(incident, undefined, model.pods).headline,
    href: `/api/incidents/${incident.id}`,
  }));
  return { incidents };
}

/** The incident with its summary and its ranked ballot's margin; null = there is none with this id. */
export function incidentDetail(model: Model, id: string): object | null {
  const incident = model.incidents.findLast((candidate) => candidate.id === id);
  if (incident === undefined) return null;
  const ballot = incident.episode === null ? undefined : rankBallot(incident.episode);
  return {
    ...incident,
    startTime: startTime(model, incident),
    killed: isKill(incident),
    summary: summarize(incident, ballot, model.pods),
    workloads: workloadsOf(incident, model.pods),
    margin: ballot?.margin ?? null,
  };
}

/** The pods and containers of those whom an incident is about; null = it is none, or not known. */
function workloadsOf({ episode, victims }: Incident, pods: Pods): object {
  const marked = victims.flatMap(({ steps }) => steps).find(({ process }) => process !== null)?.process ?? null;
  const victim = episode?.choice?.process ?? marked;
  return {
    victim: workloadOf(victim?.cgroupPath ?? null, pods),
    trigger: workloadOf(episode?.trigger?.cgroupPath ?? null, pods),
    limit: workloadOf(episode?.limitCgroup?.path ?? null, pods),
  };
}

function startTime(model: Model, incident: Incident): string | null {
  const { session } = model;
  if (session === null || session.anchorEpochUs === null) return null;
  const epochMs = (session.anchorEpochUs + incident.startUs - session.anchorBootUs) / 1000;
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
