import { plural } from '../../base/units.js';
import type { EpisodeEvent } from '../../events/episode.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { KillEvent } from '../../events/kill.js';
import type { VictimEvent } from '../../events/victim.js';
import { episodeIncidentId, findVictimIncident, isKill } from '../../model/incidents.js';
import type { Incident, Model } from '../../model/model.js';
import { isOneDeed, ONE_DEED_US } from '../../model/one-deed.js';
import type { SeriesStore } from '../../model/series/series.js';
import { headline } from '../../model/summary.js';
import { findKillCause, userKillSentence, userKills } from '../../model/user-kill.js';
import type { Sink } from '../sink.js';
import { Blame } from './blame.js';
import { aftermathLines, gapLines, lossLines, nearMissLines, sessionLines } from './event-lines.js';
import { killBlock } from './kill-block.js';
import { KubeLines } from './kube-lines.js';
import { type Line, renderLines, type TextStyle } from './line.js';
import { PressureWatch } from './pressure-watch.js';
import { wallClock } from './wall-clock.js';

/** Where blocks of text go; BoundedOutput is one. */
export interface TextOutput {
  /** Takes a block whole or not at all. */
  write(block: string): void;
  /** How many blocks were not taken since the last call. */
  takeDropped(): number;
  flush(): Promise<void>;
}

/** After this long without its episode, a mark is told without it. */
const EPISODE_WAIT_US = 10_000_000;
const TOLD_MAX = 1_000;

/** One readable block a kill, then a line for each thing that becomes of its victims. */
export class TextSink implements Sink {
  /** Incidents whose block stands. */
  private readonly told = new Set<string>();
  /** Steps whose episode has not come: marks and exits are emitted as they happen, their episode when it ends. */
  private readonly waiting = new Map<string, VictimEvent[]>();
  /** Told last, and since then this many like it: episodes without a kill come in floods while a victim is dying. */
  private repeated = { kind: '', count: 0 };
  /** The same of a kill by user space that hits many. */
  private deed: { readonly first: KillEvent; more: number } | null = null;
  private model: Model | null = null;
  private readonly blame = new Blame();
  private readonly pressure = new PressureWatch(this.blame.series);
  private kube = new KubeLines();

  constructor(
    private readonly output: TextOutput,
    /** Asked at each write: a terminal's width changes. */
    private readonly style: () => TextStyle,
  ) {}

  /** How memory came to where it is. */
  get series(): SeriesStore {
    return this.blame.series;
  }

  write(events: readonly OomscopeEvent[], model: Model): void {
    this.model = model;
    this.blame.take(events);
    this.tellDropped();
    for (const event of events) this.tell(event, model);
    this.tellLonely(model, (model.nowUs ?? 0) - EPISODE_WAIT_US);
    this.tellPressure(model);
    if (this.deed !== null && (model.nowUs ?? 0) - this.deed.first.killUs > ONE_DEED_US) this.tellRepeated();
  }

  /** Kills that were not told yet are: they stand in a gap of a trace. Before the first event there is no such gap. */
  restart(state: readonly OomscopeEvent[], model: Model): void {
    const sinceUs = this.model?.nowUs ?? null;
    this.blame.restart(state);
    this.pressure.clear();
    this.kube = new KubeLines();
    const told = model.told.at(-1);
    if (told !== undefined) this.kube.lines(told, '');
    this.waiting.clear();
    if (sinceUs === null && model.session !== null) this.print(sessionLines(model.session));
    for (const incident of model.incidents) {
      const isNew = sinceUs !== null && incident.startUs > sinceUs && isKill(incident);
      if (isNew) this.tellKill(incident, model);
      this.markTold(incident.id);
    }
    this.model = model;
  }

  async close(): Promise<void> {
    if (this.model !== null) {
      this.tellLonely(this.model, Number.POSITIVE_INFINITY);
      this.tellPressure(this.model, true);
    }
    this.tellRepeated();
    await this.output.flush();
    if (this.tellDropped()) await this.output.flush();
  }

  private tell(event: OomscopeEvent, model: Model): void {
    switch (event.topic) {
      case '/session':
        this.print(sessionLines(event));
        break;
      // Names stand where they are needed: in the block of a kill.
      case '/identity':
        break;
      case '/kube':
        this.print(this.kube.lines(event, wallClock(event.tUs, model.session)));
        break;
      case '/loss':
        this.print(lossLines(event, wallClock(event.tUs, model.session)));
        break;
      case '/near-miss':
        this.print(nearMissLines(event, model, wallClock(event.tUs, model.session)));
        break;
      case '/gap':
        this.print(gapLines(event, wallClock(event.tUs, model.session)));
        break;
      case '/oom/episode':
        this.tellEpisode(event, model);
        break;
      case '/oom/victim':
        this.tellStep(event, model);
        break;
      case '/kill':
        this.tellUserKill(event, model);
        break;
    }
  }

  /** As it is sent: a SIGTERM says nothing yet. The first that it hits is named, the others are counted. */
  private tellUserKill(event: KillEvent, model: Model): void {
    if (event.step !== 'sent' || event.signal !== 'SIGKILL') return;
    if (this.deed !== null && isOneDeed(this.deed.first, event)) {
      this.deed.more++;
      return;
    }
    const sentence = userKills([event]).map((kill) => userKillSentence(kill, findKillCause(kill, null)));
    this.print([{ text: `${wallClock(event.tUs, model.session)}  ${sentence.join()}`, indent: 4 }]);
    this.deed = { first: event, more: 0 };
  }

  private tellEpisode(episode: EpisodeEvent, model: Model): void {
    const id = episodeIncidentId(episode.episodeUs);
    const known = model.incidents.findLast((incident) => incident.id === id);
    const incident = known ?? { id, startUs: episode.episodeUs, episode, victims: [] };
    if (isKill(incident)) this.tellKill(incident, model);
    else this.tellHarmless(incident, episode, model);
    this.markTold(id);
    this.tellWaiting(id, model);
  }

  private tellStep(event: VictimEvent, model: Model): void {
    const incident = findVictimIncident(model.incidents, event);
    if (incident === undefined || this.told.has(incident.id)) {
      this.print(aftermathLines(event, incident, wallClock(event.tUs, model.session)));
    } else if (event.episodeUs !== null) {
      this.waiting.set(incident.id, [...(this.waiting.get(incident.id) ?? []), event]);
    } else {
      this.tellWithoutEpisode(incident, [event], model);
    }
  }

  /** Tells victims whose episode does not come: their marks are older than `beforeUs`. */
  private tellLonely(model: Model, beforeUs: number): void {
    for (const [id, steps] of this.waiting) {
      if ((steps[0]?.tUs ?? 0) > beforeUs) continue;
      const incident = model.incidents.findLast((candidate) => candidate.id === id);
      if (incident === undefined) this.waiting.delete(id);
      else this.tellWithoutEpisode(incident, steps, model);
    }
  }

  private tellWithoutEpisode(incident: Incident, steps: readonly VictimEvent[], model: Model): void {
    this.waiting.set(incident.id, [...steps]);
    this.tellKill(incident, model);
    this.markTold(incident.id);
    this.tellWaiting(incident.id, model);
  }

  private tellWaiting(id: string, model: Model): void {
    const steps = this.waiting.get(id) ?? [];
    this.waiting.delete(id);
    for (const step of steps) this.tellStep(step, model);
  }

  private tellKill(incident: Incident, model: Model): void {
    const clock = wallClock(incident.startUs, model.session);
    const blame = this.blame.words(incident, model);
    this.print(killBlock(incident, clock, this.style().columns, model.pods, blame));
    if (incident.episode !== null) this.pressure.add(incident.episode);
  }

  private tellPressure(model: Model, isLast = false): void {
    const nowUs = model.nowUs ?? 0;
    for (const sentence of this.pressure.take(model.memory, nowUs, isLast)) {
      this.print([{ text: `${wallClock(nowUs, model.session)}  ${sentence}`, indent: 4 }]);
    }
  }

  private tellHarmless(incident: Incident, episode: EpisodeEvent, model: Model): void {
    const { limitCgroup } = episode;
    const place = limitCgroup === null ? 'node' : (limitCgroup.id ?? limitCgroup.path ?? 'cgroup');
    const kind = `${episode.outcome} ${place}`;
    if (this.repeated.kind === kind) {
      this.repeated.count++;
      return;
    }
    this.print([
      { text: `${wallClock(episode.tUs, model.session)}  ${headline(incident, model.pods)}`, indent: 4, tone: 'quiet' },
    ]);
    this.repeated = { kind, count: 0 };
  }

  private tellRepeated(): void {
    const { count } = this.repeated;
    const processes = this.deed?.more ?? 0;
    this.repeated = { kind: '', count: 0 };
    this.deed = null;
    if (count > 0) this.put([{ text: `    … and ${plural(count, 'more episode')} like this`, tone: 'quiet' }]);
    if (processes > 0) this.put([{ text: `    … and ${plural(processes, 'more process', 'more processes')}` }]);
  }

  /** True = there was something to tell. */
  private tellDropped(): boolean {
    const count = this.output.takeDropped();
    if (count === 0) return false;
    this.put([{ text: `LOST ${plural(count, 'block')} of text: the reader of this output was too slow` }]);
    return true;
  }

  private markTold(id: string): void {
    this.told.add(id);
    if (this.told.size <= TOLD_MAX) return;
    const [oldest] = this.told;
    if (oldest !== undefined) this.told.delete(oldest);
  }

  private print(lines: readonly Line[]): void {
    if (lines.length === 0) return;
    this.tellRepeated();
    this.put(lines);
  }

  private put(lines: readonly Line[]): void {
    this.output.write(renderLines(lines, this.style()));
  }
}
