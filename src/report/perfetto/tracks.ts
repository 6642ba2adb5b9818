import { visible } from '../../base/escape.js';
import { perfetto } from './proto.js';

const { Trace, TrackEvent, CounterDescriptor } = perfetto.protos;
type Packet = perfetto.protos.TracePacket.$Properties;
type Descriptor = perfetto.protos.TrackDescriptor.$Properties;
type Annotation = perfetto.protos.DebugAnnotation.$Properties;
type Event = perfetto.protos.TrackEvent.$Properties;

/** Facts about an event, shown beside it; numbers are whole. Null ones are left out: not known. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>;

export interface Track {
  readonly uuid: number;
  /** The time of the last event on it. */
  lastUs: number;
  /** Of a counter; null = it has none yet. */
  lastValue: number | null;
}

/** All packets are of one writer. */
const SEQUENCE_ID = 1;
const STATE_CLEARED = 1;
/** common/builtin_clock.proto */
const CLOCK = { realtime: 1, boottime: 6 } as const;

/**
 * Writes packets. Times are µs since boot; on a track they never go back: an event that would stands with the one before
 * it. Names may hold what they want.
 */
export class TrackWriter {
  readonly #tracks = new Map<string, Track>();
  #packets: Packet[] = [];

  /** The first packet: the clock that all times are of, and one moment of it in the time of day. */
  clock(bootUs: number, epochUs: number): void {
    this.#packets.push({
      trustedPacketSequenceId: SEQUENCE_ID,
      sequenceFlags: STATE_CLEARED,
      timestamp: toNs(bootUs),
      clockSnapshot: {
        primaryTraceClock: CLOCK.boottime,
        clocks: [
          { clockId: CLOCK.boottime, timestamp: toNs(bootUs) },
          { clockId: CLOCK.realtime, timestamp: toNs(epochUs) },
        ],
      },
    });
  }

  /** The track with this key, described when it is first asked for. */
  track(key: string, name: string, parent: Track | null): Track {
    return this.#track(key, { name: visible(name) }, parent);
  }

  /** A track with the name and pid of a process. `key` tells processes with the same pid apart. */
  process(key: string, pid: number, comm: string): Track {
    return this.#track(key, { process: { pid, processName: visible(comm) } }, null);
  }

  bytes(key: string, name: string, parent: Track): Track {
    return this.#counter(key, name, parent, CounterDescriptor.Unit.UNIT_SIZE_BYTES);
  }

  begin(track: Track, tUs: number, category: string, name: string, facts: Facts = {}): void {
    this.#event(track, tUs, { ...named(category, name, facts), type: TrackEvent.Type.TYPE_SLICE_BEGIN });
  }

  end(track: Track, tUs: number, facts: Facts = {}): void {
    this.#event(track, tUs, { debugAnnotations: annotations(facts), type: TrackEvent.Type.TYPE_SLICE_END });
  }

  instant(track: Track, tUs: number, category: string, name: string, facts: Facts = {}): void {
    this.#event(track, tUs, { ...named(category, name, facts), type: TrackEvent.Type.TYPE_INSTANT });
  }

  /** A value that is still the same is not written: a counter holds its last one. */
  count(track: Track, tUs: number, value: number): void {
    if (track.lastValue === value) return;
    track.lastValue = value;
    this.#event(track, tUs, { type: TrackEvent.Type.TYPE_COUNTER, counterValue: value });
  }

  /** The bytes of all that was written since the last call. */
  take(): Uint8Array {
    const bytes = Trace.encode({ packet: this.#packets }).finish();
    this.#packets = [];
    return bytes;
  }

  #counter(key: string, name: string, parent: Track, unit: perfetto.protos.CounterDescriptor.Unit): Track {
    return this.#track(key, { name: visible(name), counter: { unit } }, parent);
  }

  #track(key: string, descriptor: Descriptor, parent: Track | null): Track {
    const known = this.#tracks.get(key);
    if (known !== undefined) return known;
    // 0 is the trace's own.
    const track: Track = { uuid: this.#tracks.size + 1, lastUs: 0, lastValue: null };
    this.#tracks.set(key, track);
    const place = parent === null ? {} : { parentUuid: parent.uuid };
    this.#packets.push({
      trustedPacketSequenceId: SEQUENCE_ID,
      trackDescriptor: { uuid: track.uuid, ...place, ...descriptor },
    });
    return track;
  }

  #event(track: Track, tUs: number, event: Event): void {
    track.lastUs = Math.max(track.lastUs, tUs);
    this.#packets.push({
      trustedPacketSequenceId: SEQUENCE_ID,
      timestamp: toNs(track.lastUs),
      trackEvent: { ...event, trackUuid: track.uuid },
    });
  }
}

/** Above 2^53, which are 104 days, a number is inexact by less than a µs, and the order stays. */
function toNs(us: number): number {
  return us * 1000;
}

function named(category: string, name: string, facts: Facts): Event {
  return { categories: [category], name: visible(name), debugAnnotations: annotations(facts) };
}

function annotations(facts: Facts): Annotation[] {
  return Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [annotation(name, value)]));
}

function annotation(name: string, value: string | number | boolean): Annotation {
  if (typeof value === 'string') return { name, stringValue: visible(value) };
  return typeof value === 'boolean' ? { name, boolValue: value } : { name, intValue: value };
}
