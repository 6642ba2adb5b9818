import { useMemo } from 'preact/hooks';
import { formatCount, formatDuration, plural } from '../../../src/base/units.js';
import type { EpisodeEvent } from '../../../src/events/episode.js';
import type { Ballot } from '../../../src/model/ballot.js';
import type { Incident, Model } from '../../../src/model/model.js';
import { summarize } from '../../../src/model/summary.js';
import { victimFacts } from '../../../src/model/victim-facts.js';
import type { SeenIncident } from '../state/runs.js';
import type { SeriesFeed } from '../state/series-feed.js';
import { AftermathView } from './aftermath.js';
import { BallotView } from './ballot.js';
import { Downloads } from './downloads.js';
import { Findings } from './findings.js';
import { Limits } from './limits.js';
import { MinuteBefore } from './minute-before.js';
import { RawFields } from './raw.js';
import { Section } from './section.js';
import { useKube } from './use-kube.js';
import { useVerdict } from './use-verdict.js';
import { When } from './when.js';

export interface KillProps {
  readonly seen: SeenIncident;
  readonly feed: SeriesFeed;
  readonly model: Model;
  readonly nowMs: number;
  /** It comes from a server, and not from a file. */
  readonly isServed: boolean;
}

/** One incident, whole. The most important thing first: who died, and why. */
export function Kill({ seen, feed, model, nowMs, isServed }: KillProps) {
  const { incident, session, pods } = seen;
  const { episode, victims } = incident;
  const verdict = useVerdict(seen, feed, model, nowMs);
  const { ballot, culprit, advice } = verdict;
  const summary = useMemo(() => summarize(incident, ballot ?? undefined, pods), [incident, ballot, pods]);
  const kube = useKube(seen, culprit, model);
  const facts = useMemo(() => victimFacts(incident, pods, kube), [incident, pods, kube]);
  const [first] = advice;
  return (
    <article class="kill" aria-label="the chosen incident">
      <header>
        <p class="when">
          <When session={session} tUs={incident.startUs} nowMs={nowMs} />
          <Downloads seen={seen} verdict={verdict} kube={kube} isServed={isServed} />
        </p>
        <h1>
          {summary.what}: <span class="why">{summary.headline.slice(summary.what.length + 2)}</span>
        </h1>
        {verdict.culpritWords !== null && (
          <p class={culprit.kind === 'cgroup' ? 'culprit is-known' : 'culprit'}>{verdict.culpritWords}</p>
        )}
        {facts.length > 0 && (
          <dl class="victim-facts">
            {facts.map(([label, text]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        )}
        {summary.chosen !== null && <p class="chosen">Why this one: {summary.chosen}.</p>}
        {first !== undefined && (
          <p class="first-advice">
            <span aria-hidden="true">→</span> {first.says}.
          </p>
        )}
        {summary.caveat !== null && (
          <p class="notice notice-warn">
            <span aria-hidden="true">▲</span> {episode?.attachMode === 'log' ? 'From a log' : 'Incomplete'}:{' '}
            {summary.caveat}.
          </p>
        )}
      </header>
      {episode !== null && ballot !== null && (
        <Section title="The ballot" note={ballotNote(episode, ballot)}>
          <BallotView
            key={seen.key}
            episode={episode}
            ballot={ballot}
            victims={victims}
            culprit={culprit.kind === 'cgroup' ? culprit.process : null}
          />
        </Section>
      )}
      {episode !== null && (
        <Section title="Whose limit">
          <Limits episode={episode} />
        </Section>
      )}
      <MinuteBefore key={`before-${seen.key}`} seen={seen} feed={feed} model={model} culprit={culprit} nowMs={nowMs} />
      <Section title="Aftermath">
        <AftermathView key={seen.key} victims={victims} hasChoice={episode !== null && episode.choice !== null} />
        {verdict.afterwards.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </Section>
      <Findings verdict={verdict} />
      <RawFields key={seen.key} fields={recordedFields(incident)} />
    </article>
  );
}

/** The candidates are the table above. */
function recordedFields({ id, episode, victims }: Incident): object {
  const { candidates: _, ...rest } = episode ?? { candidates: [] };
  return { id, ...rest, victims };
}

function ballotNote(episode: EpisodeEvent, ballot: Ballot): string {
  const weighed = ballot.rows.filter((row) => row.rank !== null).length;
  const passedOver = ballot.rows.length - weighed;
  const { durationUs, candidatesLost } = episode;
  const took = durationUs === null ? '' : ` in ${formatDuration(durationUs)}`;
  const parts = [`${plural(weighed, 'process', 'processes')} weighed${took}`];
  if (passedOver > 0) parts.push(`${formatCount(passedOver)} passed over`);
  if (candidatesLost !== null && candidatesLost > 0) parts.push(`${formatCount(candidatesLost)} lost`);
  return parts.join(', ');
}
