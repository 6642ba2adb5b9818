import type { SessionEvent } from '../../../src/events/session.js';
import { ago, epochMs, momentInWords, utcTime } from '../state/time.js';

export interface WhenProps {
  readonly session: SessionEvent;
  readonly tUs: number;
  readonly nowMs: number;
}

/** A moment, and how long ago that is where its date is known. */
export function When({ session, tUs, nowMs }: WhenProps) {
  const ms = epochMs(session, tUs);
  const words = momentInWords(session, tUs, nowMs);
  if (ms === null) return <>{words}</>;
  return (
    <>
      <time dateTime={new Date(ms).toISOString()} title={utcTime(ms)}>
        {words}
      </time>{' '}
      · {ago(ms, nowMs)}
    </>
  );
}
