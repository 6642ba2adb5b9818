import { formatCount } from '../../base/units.js';
import type { EpisodeEvent } from '../../events/episode.js';
import type { EventOf, OomscopeEvent, Topic } from '../../events/event.js';
import type { GapEvent } from '../../events/gap.js';
import type { KillEvent } from '../../events/kill.js';
import type { LossEvent } from '../../events/loss.js';
import type { NearMissEvent } from '../../events/near-miss.js';
import type { ProcessFacts } from '../../events/process.js';
import type { SessionEvent } from '../../events/session.js';
import type { VictimEvent } from '../../events/victim.js';
import { causeInWords, causeOf } from '../../model/cause.js';
import { processName } from '../../model/summary.js';
import { isKillEvent } from '../../trace/kill-event.js';
import { episodeCgroups } from '../episode-cgroups.js';
import type { Exporter } from '../exporter.js';
import { BootTimes } from './boot-times.js';
import { MemoryTracks } from './memory-tracks.js';
import { type Facts, type Track, TrackWriter } from './tracks.js';

/** What is drawn of each topic. */
type Writers = { readonly [T in Topic]?: (event: EventOf<T>) => void };

/**
 * A trace for ui.perfetto.dev: an instant a kill, a slice a run of the OOM killer, a track a victim with its end; for each
 * cgroup and the node counters, and slices while something reclaimed, or waited for memory.
 */
export class PerfettoExporter implements Exporter {
  readonly #out = new TrackWriter();
  readonly #times = new BootTimes();
  readonly #memory = new MemoryTracks(this.#out, this.#times);
  /** Tracks of victims that were marked, by thread; `isDying` = its slice is open. */
  readonly #victims = new Map<number, { readonly track: Track; isDying: boolean }>();

  begin(): Uint8Array {
    return new Uint8Array();
  }

  know(state: readonly OomscopeEvent[]): void {
    for (const event of state) {
      this.#memory.learn(event);
      if (event.topic === '/session') this.#takeSession(event);
    }
  }

  write(events: readonly OomscopeEvent[]): Uint8Array {
    for (const event of events) {
      this.#memory.learn(event);
      (this.#writers[event.topic] as ((event: OomscopeEvent) => void) | undefined)?.(event);
    }
    return this.#out.take();
  }

  end(): Uint8Array {
    this.#memory.end();
    return this.#out.take();
  }

  readonly #writers: Writers = {
    '/session': (event) => this.#session(event),
    '/oom/episode': (event) => this.#episode(event),
    '/oom/victim': (event) => this.#victim(event),
    '/loss': (event) => this.#loss(event),
    '/memory/sample': ({ tUs, cgroups }) => this.#memory.sample(tUs, cgroups),
    '/memory/stat': ({ tUs, cgroups }) => this.#memory.stat(tUs, cgroups),
    '/node': (event) => this.#memory.node(event),
    '/pressure': (event) => this.#memory.pressure(event),
    '/reclaim': (event) => this.#memory.reclaim(event),
    '/throttle': (event) => this.#memory.throttle(event),
    '/near-miss': (event) => this.#nearMiss(event),
    '/gap': (event) => this.#gap(event),
    '/kill': (event) => this.#killByUser(event),
  };

  #session(event: SessionEvent): void {
    this.#takeSession(event);
    const { hostname, kernelRelease, attachMode, adopted } = event;
    const track = this.#out.track('oomscope', `oomscope on ${hostname ?? 'a host without a name'}`, null);
    this.#out.instant(track, this.#times.at(event.tUs), 'session', 'session', {
      kernel_release: kernelRelease,
      attach_mode: attachMode,
      boot_id: event.bootId,
      nobody_read_us: adopted === null ? null : adopted.gapToUs - adopted.gapFromUs,
    });
  }

  #takeSession(session: SessionEvent): void {
    if (!this.#times.begins(session)) return;
    this.#victims.clear();
    const { anchorBootUs, anchorEpochUs } = session;
    if (this.#times.boot === 1 && anchorEpochUs !== null) this.#out.clock(anchorBootUs, anchorEpochUs);
  }

  #episode(event: EpisodeEvent): void {
    const track = this.#out.track('episodes', 'OOM killer', null);
    const beginUs = this.#times.at(event.episodeUs);
    const facts = episodeFacts(event);
    this.#out.begin(track, beginUs, 'oom', `out of memory: ${causeInWords(causeOf(event))}`, facts);
    this.#out.end(track, beginUs + (event.durationUs ?? 0));
    for (const cgroup of episodeCgroups(event)) this.#memory.atKill(cgroup, beginUs);
    if (!isKillEvent(event)) return;
    const { choice } = event;
    this.#kill(choice?.choiceUs ?? event.tUs, choice?.process ?? null, facts);
  }

  #kill(tUs: number, process: ProcessFacts | null, facts: Facts): void {
    const name = process === null ? 'a process was killed' : `${processName(process)} was killed`;
    this.#out.instant(this.#out.track('kills', 'kills', null), this.#times.at(tUs), 'kill', name, {
      ...facts,
      ...(process === null ? {} : processFacts(process)),
    });
  }

  #victim(event: VictimEvent): void {
    const { step, tid, process } = event;
    const tUs = this.#times.at(event.tUs);
    if (step === 'marked') {
      if (isKillEvent(event)) this.#kill(event.tUs, process, { ballot: 'not recorded' });
      const track = this.#victimTrack(tid, process);
      this.#out.begin(track, tUs, 'victim', 'OOM victim', {
        ...victimFacts(event),
        ...(process ? processFacts(process) : {}),
      });
      this.#victims.set(tid, { track, isDying: true });
      return;
    }
    const victim = this.#victims.get(tid) ?? { track: this.#victimTrack(tid, process), isDying: false };
    this.#victims.set(tid, victim);
    if (step === 'exited' && victim.isDying) {
      this.#out.end(victim.track, tUs, victimFacts(event));
      victim.isDying = false;
      return;
    }
    this.#out.instant(victim.track, tUs, 'victim', step, victimFacts(event));
  }

  #victimTrack(tid: number, process: ProcessFacts | null): Track {
    const { boot } = this.#times;
    if (process === null) return this.#out.track(`thread/${boot}/${tid}`, `victim, thread ${tid}`, null);
    const { pid, startUs, comm } = process;
    return this.#out.process(`process/${boot}/${pid}/${startUs ?? 'unknown'}`, pid, comm);
  }

  #nearMiss({ tUs, cgroupId, what, spanUs, count, throttledUs }: NearMissEvent): void {
    const track = this.#out.track('near-misses', 'near misses', null);
    const facts = { cgroup: this.#memory.nameOf(cgroupId), span_us: spanUs, count, throttled_us: throttledUs };
    this.#out.instant(track, this.#times.at(tUs), 'near-miss', what, facts);
  }

  #gap({ tUs, fromUs, ticksMissed }: GapEvent): void {
    const track = this.#out.track('gaps', 'samples missing', null);
    const toUs = this.#times.at(tUs);
    this.#out.begin(track, toUs - (tUs - fromUs), 'gap', 'no samples', { ticks_missed: ticksMissed });
    this.#out.end(track, toUs);
  }

  /** Not among the kills, which are the kernel's. */
  #killByUser({ step, tUs, signal, how, sender, target }: KillEvent): void {
    if (step !== 'sent') return;
    const track = this.#out.track('user-kills', 'kills by user space', null);
    this.#out.instant(track, this.#times.at(tUs), 'kill', `${signal} to ${processName(target)}`, {
      ...processFacts(target),
      how,
      sender: sender === null ? null : processName(sender.process),
    });
  }

  #loss({ tUs, where, count, meaning }: LossEvent): void {
    const track = this.#out.track('losses', 'lost', null);
    this.#out.instant(track, this.#times.at(tUs), 'loss', `${formatCount(count)} lost: ${where}`, { count, meaning });
  }
}

function episodeFacts(event: EpisodeEvent): Facts {
  const { trigger, limitCgroup, choice } = event;
  return {
    episode_us: event.episodeUs,
    outcome: event.outcome,
    trigger: trigger === null ? null : processName(trigger),
    trigger_cgroup: event.triggerCgroup?.path ?? null,
    limit_cgroup: limitCgroup?.path ?? null,
    victim_cgroup: event.victimCgroup?.path ?? null,
    points: choice?.points ?? null,
    total_pages: event.totalPages,
    candidates_seen: event.candidatesSeen,
    candidates_lost: event.candidatesLost,
  };
}

function processFacts({ pid, uid, adj, cgroupPath }: ProcessFacts): Facts {
  return { pid, uid, oom_score_adj: adj, cgroup: cgroupPath };
}

function victimFacts({ memory, sigkilled, chosen, memorySharedBy }: VictimEvent): Facts {
  return {
    sigkilled,
    chosen,
    memory_shared_by: memorySharedBy,
    rss_anon_bytes: memory?.rssAnonBytes ?? null,
    rss_file_bytes: memory?.rssFileBytes ?? null,
    rss_shmem_bytes: memory?.rssShmemBytes ?? null,
    swap_bytes: memory?.swapBytes ?? null,
  };
}
