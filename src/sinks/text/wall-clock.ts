import type { SessionEvent } from '../../events/session.js';

/** `2026-11-23 18:45:03.123` in local time; where no date is known, the time since boot, if that is. */
export function wallClock(tUs: number, session: SessionEvent | null): string {
  if (session?.clock === 'order') return 'at an unknown time';
  if (session === null || session.anchorEpochUs === null) return `${(tUs / 1_000_000).toFixed(3)} s after boot`;
  const date = new Date(Math.floor((session.anchorEpochUs + tUs - session.anchorBootUs) / 1_000));
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
