import type { SessionEvent } from '../../../src/events/session.js';

/** A moment in µs since boot as milliseconds since 1970; null = no date is known. */
export function epochMs(session: SessionEvent, tUs: number): number | null {
  if (session.anchorEpochUs === null || session.clock === 'order') return null;
  return (session.anchorEpochUs + tUs - session.anchorBootUs) / 1000;
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const day = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' });

/** `03:12:44`, with the day before it unless that is today. */
export function clockTime(ms: number, nowMs: number): string {
  const isToday = day.format(ms) === day.format(nowMs);
  return isToday ? clock.format(ms) : `${day.format(ms)}, ${clock.format(ms)}`;
}

/** Where a moment stands on a time axis. Without dates the axis begins where the log does. */
export function axisMs(session: SessionEvent, tUs: number): number {
  return epochMs(session, tUs) ?? tUs / 1000;
}

/** As `clockTime`; where no date is known, how long after the boot, if that is. */
export function momentInWords(session: SessionEvent, tUs: number, nowMs: number): string {
  const ms = epochMs(session, tUs);
  if (ms !== null) return clockTime(ms, nowMs);
  return session.clock === 'boot' ? `${(tUs / 1_000_000).toFixed(3)} s after boot` : 'time unknown';
}

/** `2026-01-02 03:12:44.123 UTC`: the same for everyone, for logs and for a colleague elsewhere. */
export function utcTime(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return 'unknown time';
  return date.toISOString().replace('T', ' ').replace('Z', ' UTC');
}

/** `just now`, `4 min ago`. */
export function ago(ms: number, nowMs: number): string {
  const seconds = Math.floor((nowMs - ms) / 1000);
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? '1 day ago' : `${days} days ago`;
}
