import protobuf from 'protobufjs';

/**
 * Field numbers as Perfetto publishes them (https://github.com/google/perfetto/tree/main/protos/perfetto), put down
 * independently of the schema that the exporter is generated from: a number that is wrong there is wrong for the world.
 */
const PUBLISHED = `
syntax = "proto2";
message Trace { repeated TracePacket packet = 1; }                                   // trace/trace.proto
message TracePacket {                                                                // trace/trace_packet.proto
  optional uint64 timestamp = 8; optional uint32 timestamp_clock_id = 58;
  oneof data { ClockSnapshot clock_snapshot = 6; TrackEvent track_event = 11; TrackDescriptor track_descriptor = 60; }
  optional uint32 trusted_packet_sequence_id = 10; optional uint32 sequence_flags = 13;
}
message ClockSnapshot {                                                              // trace/clock_snapshot.proto
  message Clock { optional uint32 clock_id = 1; optional uint64 timestamp = 2; }
  repeated Clock clocks = 1; optional uint32 primary_trace_clock = 2;
}
message TrackDescriptor {                                                            // trace/track_event/track_descriptor.proto
  optional uint64 uuid = 1; optional uint64 parent_uuid = 5; optional string name = 2;
  optional ProcessDescriptor process = 3; optional CounterDescriptor counter = 8;
}
message ProcessDescriptor { optional int32 pid = 1; optional string process_name = 6; }  // …/process_descriptor.proto
message CounterDescriptor { optional uint32 unit = 3; optional string unit_name = 6; }   // …/counter_descriptor.proto
message TrackEvent {                                                                 // trace/track_event/track_event.proto
  repeated string categories = 22; optional string name = 23; optional uint32 type = 9; optional uint64 track_uuid = 11;
  oneof value { int64 counter_value = 30; double double_counter_value = 44; }
  repeated DebugAnnotation debug_annotations = 4;
}
message DebugAnnotation {                                                            // …/debug_annotation.proto
  optional string name = 10;
  oneof value { bool bool_value = 2; uint64 uint_value = 3; int64 int_value = 4; string string_value = 6; }
}
`;

/** TrackEvent.Type */
export const TYPE = { begin: 1, end: 2, instant: 3, counter: 4 } as const;

interface Annotation {
  readonly name: string;
  readonly boolValue?: boolean;
  readonly intValue?: number;
  readonly stringValue?: string;
}

export interface Packet {
  readonly timestamp?: number;
  readonly trustedPacketSequenceId: number;
  readonly sequenceFlags?: number;
  readonly clockSnapshot?: { readonly primaryTraceClock: number; readonly clocks: readonly object[] };
  readonly trackEvent?: {
    readonly categories?: readonly string[];
    readonly name?: string;
    readonly type: number;
    readonly trackUuid: number;
    readonly counterValue?: number;
    readonly debugAnnotations?: readonly Annotation[];
  };
  readonly trackDescriptor?: {
    readonly uuid: number;
    readonly parentUuid?: number;
    readonly name?: string;
    readonly process?: { readonly pid: number; readonly processName: string };
    readonly counter?: { readonly unit: number };
  };
}

/** Decodes a trace by the published numbers. Throws where it has fields that those do not explain. */
export function decodePerfetto(bytes: Uint8Array): readonly Packet[] {
  const type = protobuf.parse(PUBLISHED).root.lookupType('Trace');
  const decoded = type.decode(bytes);
  // Unknown fields are passed over by a decoder; encoded again, the trace would lack them.
  if (!Buffer.from(type.encode(decoded).finish()).equals(bytes))
    throw new Error('fields that Perfetto does not publish');
  return (type.toObject(decoded, { longs: Number }) as { packet: readonly Packet[] }).packet;
}

/** What a reader of the trace sees. */
export class PerfettoTrace {
  constructor(readonly packets: readonly Packet[]) {}

  get descriptors() {
    return this.packets.flatMap(({ trackDescriptor }) => (trackDescriptor === undefined ? [] : [trackDescriptor]));
  }

  get events() {
    return this.packets.flatMap(({ timestamp, trackEvent }) =>
      trackEvent === undefined ? [] : [{ ...trackEvent, ns: timestamp ?? -1 }],
    );
  }

  /** The events of the track that has this name. */
  on(name: string) {
    const track = this.descriptors.find((descriptor) => (descriptor.process?.processName ?? descriptor.name) === name);
    return this.events.filter((event) => event.trackUuid === track?.uuid);
  }
}
