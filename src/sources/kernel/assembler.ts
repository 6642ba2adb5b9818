import { plural } from '../../base/units.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { LossEvent } from '../../events/loss.js';
import type { AttachMode } from '../../events/session.js';
import { CgroupPaths } from './cgroup-path.js';
import { decodeBatch } from './decode.js';
import { Kills } from './kills.js';
import type { KnownCgroups } from './known-cgroups.js';
import { MemoryTimeline } from './memory-timeline.js';
import { type EpisodeRecord, PendingEpisode } from './pending-episode.js';
import { Victims } from './victims.js';

export interface AssemblerContext {
  readonly pageSizeBytes: number;
  readonly attachMode: AttachMode;
  /** The hooks at stalls are attached: else nothing is known of them. */
  readonly seesStalls: boolean;
}

const PATHS_MAX = 4_096;
/** Episodes whose end has not come. One is normal; more only where ends were lost. */
const PENDING_MAX = 64;
const REPORTED_MAX = 128;

/**
 * Makes events of the kernel's records.
 *
 * What it relies on (the addon's reader): a batch that holds an episode's end holds all of its candidates, or they came
 * before; records of one ring come in the ring's order. Candidates may come before their episode's begin.
 *
 * An episode is completed after the whole batch with its end. Marks, exits and reaper steps do not wait for it, so they
 * come first where they happened first.
 */
export class RecordAssembler {
  private readonly paths = new CgroupPaths(PATHS_MAX);
  private readonly victims = new Victims(this.paths);
  private readonly kills = new Kills(this.paths, this.victims);
  private readonly pending = new Map<number, PendingEpisode>();
  /** The newest episodes that were emitted: a record that comes later must not begin them anew. */
  private readonly reported = new Set<number>();
  private readonly timeline: MemoryTimeline;
  private newestBeginUs = 0;
  private lastUs = 0;

  constructor(
    private readonly context: AssemblerContext,
    private readonly cgroups: KnownCgroups,
  ) {
    this.timeline = new MemoryTimeline(context.pageSizeBytes, { stalls: context.seesStalls });
  }

  /** Takes one batch of records, gives the events that are whole now, in order of time. */
  push(batch: Uint8Array): OomscopeEvent[] {
    const { records, undecodableBytes } = decodeBatch(batch, this.context.pageSizeBytes);
    const events: OomscopeEvent[] = [];
    let late = 0;
    // Paths first: a victim's mark can stand before the record that names its cgroup.
    for (const record of records) {
      if (record.kind === 'cgroup' && record.cgroup.path !== null) {
        this.paths.remember(record.cgroup.id, record.cgroup.path);
      }
      if (record.kind === 'cgroup-life' && record.path !== null) this.paths.remember(record.id, record.path);
    }
    for (const record of records) {
      switch (record.kind) {
        case 'victim':
        case 'reaper':
        case 'exit':
          events.push(...this.victims.toEvents(record));
          break;
        case 'cgroup-life':
          events.push(...this.cgroups.take(record));
          if (record.change === 'appeared') this.timeline.begin(record.id, record.tUs);
          if (record.change === 'vanished') this.timeline.forget(record.id);
          break;
        case 'sample':
        case 'stat':
        case 'pressure':
        case 'node':
          events.push(...this.timeline.toEvents(record));
          break;
        case 'kill':
        case 'kill-step':
          events.push(...this.kills.toEvents(record));
          break;
        default:
          // The cgroups of a kill by user space have no episode: their paths were taken above.
          if (record.kind === 'cgroup' && record.episodeUs === null) break;
          if (!this.collect(record)) late++;
      }
    }
    this.settle(events, this.newestBeginUs);
    if (undecodableBytes > 0) {
      events.push(
        this.undecodable(
          undecodableBytes,
          `${plural(undecodableBytes, 'byte')} from the kernel side could not be read`,
        ),
      );
    }
    if (late > 0) {
      events.push(this.undecodable(late, `${plural(late, 'record')} came without an episode that is still open`));
    }
    return this.inOrder(events);
  }

  /**
   * Gives events from elsewhere (session, losses) the same order of time. A session that adopts pins must carry the
   * gap's beginning as its time: the records of the gap follow it and would else be moved to its time.
   */
  admit(events: readonly OomscopeEvent[]): OomscopeEvent[] {
    return this.inOrder(events);
  }

  /** No episode is half-told: what was pushed so far will not be needed again. */
  get isSettled(): boolean {
    return this.pending.size === 0;
  }

  /** Emits what is still open as 'unfinished'. For the end of a stream. */
  flush(): OomscopeEvent[] {
    const events: OomscopeEvent[] = [];
    this.settle(events, Number.POSITIVE_INFINITY);
    return this.inOrder(events);
  }

  /** False = it belongs to no episode that is still open. */
  private collect(record: EpisodeRecord): boolean {
    const { episodeUs } = record;
    if (episodeUs === null || this.reported.has(episodeUs)) return false;
    if (record.kind === 'episode-begin') this.newestBeginUs = Math.max(this.newestBeginUs, episodeUs);
    let episode = this.pending.get(episodeUs);
    if (episode === undefined) {
      episode = new PendingEpisode(episodeUs);
      this.pending.set(episodeUs, episode);
    }
    episode.add(record);
    return true;
  }

  /** Reports what has ended, and what never will, having begun before `liveSinceUs`: oom_lock lets one run at a time. */
  private settle(events: OomscopeEvent[], liveSinceUs: number): void {
    const oldestFirst = [...this.pending.values()].sort((a, b) => a.episodeUs - b.episodeUs);
    let refused = 0;
    for (const episode of oldestFirst) {
      const abandoned = episode.episodeUs < liveSinceUs || this.pending.size > PENDING_MAX;
      if (!episode.ended && !abandoned) continue;
      this.pending.delete(episode.episodeUs);
      this.rememberReported(episode.episodeUs);
      if (episode.onlyCandidates) refused++;
      else events.push(episode.toEvent(this.context.attachMode, this.context.pageSizeBytes, this.paths));
    }
    if (refused > 0) {
      const meaning = `${plural(refused, 'episode')} that killed nobody: only candidates of it arrived, a full ring refused the rest`;
      events.push({ topic: '/loss', tUs: this.lastUs, where: 'episode-unended', count: refused, meaning });
    }
  }

  private rememberReported(episodeUs: number): void {
    this.reported.add(episodeUs);
    if (this.reported.size <= REPORTED_MAX) return;
    const [oldest] = this.reported;
    if (oldest !== undefined) this.reported.delete(oldest);
  }

  private undecodable(count: number, meaning: string): LossEvent {
    return { topic: '/loss', tUs: this.lastUs, where: 'undecodable', count, meaning };
  }

  /**
   * Sorts by time (stable: marks before the episode that ended in the same µs). An event that is older than one already
   * emitted, read from another ring a moment too late, gets that one's time: emission order is the order of time.
   */
  private inOrder(events: readonly OomscopeEvent[]): OomscopeEvent[] {
    return [...events]
      .sort((a, b) => a.tUs - b.tUs)
      .map((event) => {
        this.lastUs = Math.max(this.lastUs, event.tUs);
        return event.tUs === this.lastUs ? event : { ...event, tUs: this.lastUs };
      });
  }
}
