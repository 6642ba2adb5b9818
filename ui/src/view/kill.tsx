import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { formatCount, formatDuration, plural } from '../../../src/base/units.js';
import type { EpisodeEvent } from '../../../src/events/episode.js';
import { type Ballot, rankBallot } from '../../../src/model/ballot.js';
import { summarize } from '../../../src/model/summary.js';
import type { SeenIncident } from '../state/runs.js';
import { ago, epochMs, momentInWords, utcTime } from '../state/time.js';
import { AftermathView } from './aftermath.js';
import { BallotView } from './ballot.js';
import { Limits } from './limits.js';
import { RawFields } from './raw.js';

/** One incident, whole. The most important thing first: who died, and why. */
export function Kill({ seen, nowMs }: { readonly seen: SeenIncident; readonly nowMs: number }) {
  const { incident, session, pods } = seen;
  const { episode, victims } = incident;
  const ballot = useMemo(() => (episode === null ? null : rankBallot(episode)), [episode]);
  const summary = useMemo(() => summarize(incident, ballot ?? undefined, pods), [incident, ballot, pods]);
  const startMs = epochMs(session, incident.startUs);
  return (
    <article class="kill" aria-label="the chosen incident">
      <header>
        <p class="when">
          {startMs === null ? (
            momentInWords(session, incident.startUs, nowMs)
          ) : (
            <>
              <time dateTime={new Date(startMs).toISOString()} title={utcTime(startMs)}>
                {momentInWords(session, incident.startUs, nowMs)}
              </time>{' '}
              · {ago(startMs, nowMs)}
            </>
          )}
        </p>
        <h1>
          {summary.what}: <span class="why">{summary.headline.slice(summary.what.length + 2)}</span>
        </h1>
        {summary.chosen !== null && <p class="chosen">Why this one: {summary.chosen}.</p>}
        {summary.caveat !== null && (
          <p class="notice notice-warn">
            <span aria-hidden="true">▲</span> {episode?.attachMode === 'log' ? 'From a log' : 'Incomplete'}:{' '}
            {summary.caveat}.
          </p>
        )}
      </header>
      {episode !== null && ballot !== null && (
        <Section title="The ballot" note={ballotNote(episode, ballot)}>
          <BallotView key={seen.key} episode={episode} ballot={ballot} victims={victims} />
        </Section>
      )}
      {episode !== null && (
        <Section title="Whose limit">
          <Limits episode={episode} />
        </Section>
      )}
      <Section title="Aftermath">
        <AftermathView key={seen.key} victims={victims} hasChoice={episode !== null && episode.choice !== null} />
      </Section>
      <RawFields key={seen.key} incident={incident} />
    </article>
  );
}

function Section(props: { readonly title: string; readonly note?: string; readonly children: ComponentChildren }) {
  return (
    <section>
      <h2>
        {props.title}
        {props.note !== undefined && <span class="section-note"> {props.note}</span>}
      </h2>
      {props.children}
    </section>
  );
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
