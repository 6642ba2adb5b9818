import type { SessionEvent } from '../../../src/events/session.js';

/** A moment in µs since boot as milliseconds since 1970. */
export function epochMs(session: SessionEvent, tUs: number): number {
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
