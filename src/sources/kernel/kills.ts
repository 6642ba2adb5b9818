import type { KillEvent, KillSender } from '../../events/kill.js';
import type { ProcessFacts } from '../../events/process.js';
import type { VictimEvent } from '../../events/victim.js';
import type { CgroupPaths } from './cgroup-path.js';
import type { KillRecord, KillStepRecord, RecordTime } from './records.js';
import type { Victims } from './victims.js';

/** Makes events of the records of signals: of kills by user space, and of the OOM killer's victims that take theirs. */
export class Kills {
  constructor(
    private readonly paths: CgroupPaths,
    private readonly victims: Victims,
  ) {}

  toEvents(record: (KillRecord | KillStepRecord) & RecordTime): (KillEvent | VictimEvent)[] {
    if (record.kind === 'kill') return [this.sent(record)];
    return record.killUs === null ? this.victims.deliveredEvents(record) : [this.step(record, record.killUs)];
  }

  private sent({ tUs, how, signal, sender, target, memory, killedCgroupId }: KillRecord & RecordTime): KillEvent {
    return {
      topic: '/kill',
      tUs,
      step: 'sent',
      killUs: tUs,
      how,
      signal,
      sender: this.namedSender(sender),
      target: this.named(target),
      memory,
      commandLine: null,
      killedCgroup: this.cgroup(killedCgroupId),
    };
  }

  private step(record: KillStepRecord & RecordTime, killUs: number): KillEvent {
    const { tUs, step, how, signal, sender, target, commandLine } = record;
    return {
      topic: '/kill',
      tUs,
      step,
      killUs,
      how: how ?? 'signal',
      signal,
      sender: sender && this.namedSender(sender),
      target: this.named(target),
      memory: null,
      commandLine,
      killedCgroup: this.cgroup(record.killedCgroupId),
    };
  }

  private cgroup(id: number | null): KillEvent['killedCgroup'] {
    return id === null ? null : { id, path: this.paths.find(id) };
  }

  private namedSender(sender: KillSender): KillSender {
    return { ...sender, process: this.named(sender.process) };
  }

  private named(process: ProcessFacts): ProcessFacts {
    return { ...process, cgroupPath: this.paths.find(process.cgroupId) };
  }
}
