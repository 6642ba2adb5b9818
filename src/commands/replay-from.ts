import { EXIT, OomscopeError } from '../base/errors.js';
import { nextKillUs } from '../trace/play/kills.js';
import type { Timeline } from '../trace/play/timeline.js';

/**
 * The moment that `--from` means, µs since 1970: `next-kill`, an offset from the start (`+90s`, `+1h30m`), a time of day,
 * or a date and time; local time unless a zone is given. Throws E_USAGE where it means none in these files.
 */
export async function replayFromUs(text: string, timeline: Timeline): Promise<number> {
  if (text === 'next-kill') return await firstKill(timeline);
  const timeUs = offsetUs(text, timeline) ?? timeOfDayUs(text, timeline) ?? dateUs(text);
  if (timeUs === null) {
    throw usage(`${JSON.stringify(text)} is no time.`, 'Give next-kill, +90s, 14:03:20 or 2026-11-23T14:03:20Z.');
  }
  if (timeUs < timeline.startUs || timeUs > timeline.endUs) {
    throw usage(
      `${iso(timeUs)} is not in these files.`,
      `They go from ${iso(timeline.startUs)} to ${iso(timeline.endUs)}.`,
    );
  }
  return timeUs;
}

async function firstKill(timeline: Timeline): Promise<number> {
  const timeUs = await nextKillUs(timeline, timeline.startUs - 1);
  if (timeUs === null) throw usage('There is no kill in these files.', 'Replay them without --from.');
  // Just before it, so that the kill itself is played.
  return timeUs - 1;
}

const UNIT_US: Readonly<Record<string, number>> = { h: 3_600_000_000, m: 60_000_000, s: 1_000_000, ms: 1_000 };

function offsetUs(text: string, timeline: Timeline): number | null {
  if (!/^\+(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) return null;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  return (
    timeline.startUs + parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (UNIT_US[unit] ?? 0), 0)
  );
}

/** The first such time of day that is not before the start; 14:03 is that whole minute, 14:03:20 that whole second. */
function timeOfDayUs(text: string, timeline: Timeline): number | null {
  const match = /^(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d{1,6})?))?$/.exec(text);
  if (match === null) return null;
  const [, hours, minutes, seconds] = match;
  const lengthUs = (seconds === undefined ? 60 : 1) * 1_000_000;
  const day = new Date(timeline.startUs / 1000);
  day.setHours(Number(hours), Number(minutes), 0, 0);
  const inMinuteUs = Math.round(Number(seconds ?? 0) * 1_000_000);
  if (day.getTime() * 1000 + inMinuteUs + lengthUs <= timeline.startUs) day.setDate(day.getDate() + 1);
  return Math.max(timeline.startUs, day.getTime() * 1000 + inMinuteUs);
}

function dateUs(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d([T ]|$)/.test(text)) return null;
  const ms = Date.parse(text.replace(' ', 'T'));
  return Number.isNaN(ms) ? null : ms * 1000;
}

function iso(timeUs: number): string {
  return new Date(timeUs / 1000).toISOString();
}

function usage(message: string, nextStep: string): OomscopeError {
  return new OomscopeError('E_USAGE', message, nextStep, EXIT.usage);
}
