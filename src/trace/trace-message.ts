/** A message of a trace file: an event, encoded, or a part of a keyframe (KEYFRAME_ID). */
export interface TraceMessage {
  readonly topicId: number;
  /** µs since boot. */
  readonly tUs: number;
  /**
   * The number of the event in its run, from 1; it wraps at 2^32. Of a keyframe: the number of the event that comes
   * next. So a reader sees what is missing, and files of one run that overlap do not tell a thing twice.
   */
  readonly sequence: number;
  readonly payload: Uint8Array;
}
