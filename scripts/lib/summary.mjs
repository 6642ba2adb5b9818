// The end of a run: a table of the stages, what failed, what was skipped and why, and one line to count by.
import { showSeconds } from './run-command.mjs';

/** @typedef {import('../verify.mjs').StageResult} StageResult */

/** @param {readonly number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** @param {readonly StageResult[]} results */
export function summary(results) {
  const width = Math.max(...results.map((result) => result.stage.length));
  /** @param {string} name @param {readonly (string | number)[]} cells */
  const row = (name, cells) => name.padEnd(width) + cells.map((cell) => String(cell).padStart(9)).join('');
  const lines = [row('stage', ['passed', 'failed', 'skipped', 'time'])];
  for (const { stage, passed, failed, skipped, seconds } of results) {
    lines.push(row(stage, [passed, failed, skipped.length, showSeconds(seconds)]));
  }
  lines.push(row('all', ['', '', '', showSeconds(sum(results.map((result) => result.seconds)))]));
  for (const { stage, failures } of results) {
    for (const failure of failures) lines.push(`failed: ${stage}: ${failure}`);
  }
  for (const { stage, retried } of results) {
    for (const test of retried) lines.push(`passed at its second try: ${stage}: ${test}`);
  }
  for (const { stage, skipped } of results) {
    for (const { name, reason } of skipped) lines.push(`skipped: ${stage}: ${name}: ${reason ?? 'no reason given'}`);
  }
  return lines.join('\n');
}

/** @param {readonly StageResult[]} results */
export function closingLine(results) {
  const passed = sum(results.map((result) => result.passed));
  const failed = sum(results.map((result) => result.failed));
  const skipped = sum(results.map((result) => result.skipped.length));
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
