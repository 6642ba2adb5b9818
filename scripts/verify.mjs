#!/usr/bin/env node
// Runs the stages of `make check` or `make test`: all of them, whatever fails, then says what came out.
//   node scripts/verify.mjs check|test
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { excerpt, root, runCommand, showSeconds } from './lib/run-command.mjs';
import { stages } from './lib/stages.mjs';
import { closingLine, summary } from './lib/summary.mjs';

/**
 * @typedef {import('./lib/count-reporter.mjs').TestCounts & { stage: string, seconds: number }} StageResult
 * @typedef {import('./lib/stages.mjs').Stage} Stage
 */

/** @param {Stage} stage @param {number} seconds @param {string | null} failure @returns {StageResult} */
function asOneTest(stage, seconds, failure) {
  const failures = failure === null ? [] : [failure];
  return {
    stage: stage.name,
    seconds,
    passed: 1 - failures.length,
    failed: failures.length,
    failures,
    skipped: [],
    retried: [],
  };
}

/** @param {Stage} stage @returns {Promise<StageResult>} */
async function runCheck(stage) {
  const outcome = await runCommand(stage.command, { title: stage.name, limitSeconds: stage.limitSeconds });
  console.log(`${outcome.ok ? 'ok    ' : 'FAILED'} ${stage.name} (${showSeconds(outcome.seconds)})`);
  if (!outcome.ok) console.log(excerpt(outcome.output, 100));
  return asOneTest(stage, outcome.seconds, outcome.failure);
}

/** @param {Stage} stage @returns {Promise<StageResult>} */
async function runTests(stage) {
  console.log(`\n=== ${stage.name}`);
  const report = join(root, 'build/reports', `${stage.name.replace(/\W+/g, '-')}.json`);
  rmSync(report, { force: true });
  const outcome = await runCommand(stage.command, {
    show: true,
    limitSeconds: stage.limitSeconds,
    extraEnv: { OOMSCOPE_TEST_REPORT: report },
  });
  if (!existsSync(report)) return asOneTest(stage, outcome.seconds, outcome.failure ?? 'it ran no test');

  /** @type {import('./lib/count-reporter.mjs').TestCounts} */
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  const failures = [...counts.failures];
  // A non-zero exit that no test explains is a failure of its own; so is a run without a test.
  if (failures.length === 0 && outcome.failure !== null) failures.push(outcome.failure);
  if (failures.length === 0 && counts.passed + counts.skipped.length === 0) failures.push('it ran no test');
  return { ...counts, stage: stage.name, seconds: outcome.seconds, failures, failed: failures.length };
}

/** @param {readonly Stage[]} chosen */
async function runAll(chosen) {
  /** @type {StageResult[]} */
  const results = [];
  for (const stage of chosen) {
    const lacking = stage.needs.filter((need) => results.some((result) => result.stage === need && result.failed > 0));
    if (lacking.length > 0) results.push(asOneTest(stage, 0, `not run, since this failed: ${lacking.join(', ')}`));
    else results.push(await (stage.counted ? runTests(stage) : runCheck(stage)));
  }
  return results;
}

const mode = process.argv[2];
if (mode !== 'check' && mode !== 'test') {
  console.error('usage: node scripts/verify.mjs check|test');
  process.exit(2);
}
const results = await runAll(stages.filter((stage) => mode === 'test' || stage.inCheck));
console.log(`\n${summary(results)}\n`);
console.log(closingLine(results));
process.exitCode = results.some((result) => result.failed > 0) ? 1 : 0;
