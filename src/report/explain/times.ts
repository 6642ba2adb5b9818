import type { SessionEvent } from '../../events/session.js';

/** `2026-11-23 18:45:03.123 UTC`: a report is read elsewhere. Without a session, the time since boot. */
export function utcTime(tUs: number, session: SessionEvent | null): string {
  if (session?.clock === 'order') return 'at an unknown time';
  const epochUs = session?.anchorEpochUs ?? null;
  const date = session === null || epochUs === null ? null : new Date((epochUs + tUs - session.anchorBootUs) / 1_000);
  if (date === null || Number.isNaN(date.getTime())) return `${(tUs / 1_000_000).toFixed(3)} s after boot`;
  return `${date.toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}
