import { useMemo } from 'preact/hooks';
import { visible } from '../../../src/base/escape.js';
import type { SessionEvent } from '../../../src/events/session.js';
import type { Culprit } from '../../../src/model/culprit.js';
import type { Model } from '../../../src/model/model.js';
import { CgroupChart } from '../cgroups/cgroup-chart.js';
import type { SeenIncident } from '../state/runs.js';
import type { SeriesFeed } from '../state/series-feed.js';
import { axisMs } from '../state/time.js';
import { TimeStore } from '../time/time-store.js';
import { Section } from './section.js';

export interface MinuteBeforeProps {
  readonly seen: SeenIncident;
  readonly feed: SeriesFeed;
  readonly model: Model;
  readonly culprit: Culprit;
  readonly nowMs: number;
}

const BEFORE_MS = 60_000;
const AFTER_MS = 10_000;

interface Shown {
  readonly id: number;
  readonly path: string;
  readonly roles: readonly string[];
}

/** The cgroups that the incident is about, up to the kill and just behind it, as closely as they were sampled. */
export function MinuteBefore({ seen, culprit, ...rest }: MinuteBeforeProps) {
  const { incident, session } = seen;
  return <ChartsBefore session={session} startUs={incident.startUs} cgroups={cgroupsOf(seen, culprit)} {...rest} />;
}

export interface ChartsBeforeProps {
  readonly session: SessionEvent;
  readonly startUs: number;
  readonly cgroups: readonly Shown[];
  readonly feed: SeriesFeed;
  readonly model: Model;
  readonly nowMs: number;
}

/** These cgroups around a kill, whoever did it. */
export function ChartsBefore({ session, startUs, cgroups, feed, model, nowMs }: ChartsBeforeProps) {
  const killMs = axisMs(session, startUs);
  const time = useMemo(() => {
    const store = new TimeStore();
    const span = { fromMs: killMs - BEFORE_MS, toMs: killMs + AFTER_MS };
    store.setExtent(span);
    store.setView({ kind: 'fixed', span });
    return store;
  }, [killMs]);
  if (feed.bootId !== session.bootId) return null;
  const shown = cgroups.filter(({ id }) => hasRows(feed, id, startUs));
  if (shown.length === 0) return null;
  return (
    <Section title="The minute before" note="and ten seconds after; the line is the kill">
      {shown.map(({ id, path, roles }) => (
        <div key={id} class="before">
          <p class="before-name">
            {roles.map((role) => (
              <span key={role} class={`badge badge-${role === 'limit hit' ? 'hit' : role}`}>
                {role}
              </span>
            ))}{' '}
            <bdi>{visible(model.memory.cgroups.get(id)?.path ?? path)}</bdi>
          </p>
          <div class="before-chart">
            <CgroupChart id={id} time={time} feed={feed} bootMs={axisMs(session, 0)} nowMs={nowMs} />
            <span class="kill-line" style={{ left: `${(BEFORE_MS / (BEFORE_MS + AFTER_MS)) * 100}%` }} />
          </div>
        </div>
      ))}
    </Section>
  );
}

/** Each once, with all that it is. */
function cgroupsOf({ incident: { episode } }: SeenIncident, culprit: Culprit): Shown[] {
  const found = [
    episode?.limitCgroup && { ...episode.limitCgroup, role: 'limit hit' },
    culprit.kind === 'cgroup' && { ...culprit.growth, role: 'culprit' },
    episode?.victimCgroup && { ...episode.victimCgroup, role: 'victim' },
  ];
  const shown = new Map<number, Shown>();
  for (const one of found) {
    if (!one || one.id === null || one.path === null) continue;
    const roles = [...(shown.get(one.id)?.roles ?? []), one.role];
    shown.set(one.id, { id: one.id, path: one.path, roles });
  }
  return [...shown.values()];
}

function hasRows({ series }: SeriesFeed, id: number, startUs: number): boolean {
  return series.line('sample', id, 'usageBytes', startUs - BEFORE_MS * 1000, startUs).timesUs.length > 0;
}
