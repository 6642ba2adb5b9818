// A vitest reporter that writes what verify.mjs adds up. vitest's own JSON report does not say why a test was skipped.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/**
 * @typedef {object} TestCounts
 * @property {number} passed
 * @property {number} failed
 * @property {readonly { name: string, reason: string | null }[]} skipped
 * @property {readonly string[]} failures  names of what failed, each with why
 * @property {readonly string[]} retried  of what passed, but not at its first try, each with why not
 */

/** Room for a line of summary; how a long reason begins and how it ends tell most. */
const REASON_CHARACTERS = 300;

export default class CountReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly import('vitest/node').SerializedError[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const path = process.env['OOMSCOPE_TEST_REPORT'];
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(countTests(modules, unhandledErrors)));
  }
}

/**
 * @param {readonly import('vitest/node').TestModule[]} modules
 * @param {readonly import('vitest/node').SerializedError[]} unhandledErrors
 * @returns {TestCounts}
 */
function countTests(modules, unhandledErrors) {
  let passed = 0;
  const skipped = [];
  const retried = [];
  const failures = unhandledErrors.map((error) => `outside any test: ${error.message}`);
  for (const module of modules) {
    // A file that does not load, or a hook that fails, takes its tests along: without this they would only be missing.
    for (const error of module.errors()) failures.push(`${module.relativeModuleId}: ${error.message}`);
    for (const suite of module.children.allSuites()) {
      for (const error of suite.errors()) failures.push(`${suite.fullName}: ${error.message}`);
    }
    for (const test of module.children.allTests()) {
      const result = test.result();
      const name = `${module.relativeModuleId}: ${test.fullName}`;
      // Errors of a test that passed are those of its first try.
      if (result.state === 'passed' && result.errors?.length) retried.push(`${name}: ${reasonOf(result.errors)}`);
      if (result.state === 'passed') passed += 1;
      else if (result.state === 'skipped') skipped.push({ name, reason: result.note ?? null });
      else failures.push(`${name}: ${reasonOf(result.errors ?? [])}`);
    }
  }
  return { passed, failed: failures.length, skipped, failures, retried };
}

/**
 * The second try can fail for what the first one left: both are told.
 * @param {readonly { readonly message: string }[]} errors  of each try
 */
function reasonOf(errors) {
  if (errors.length === 0) return 'no reason given';
  return [...new Set(errors.map(({ message }) => shortened(message)))].join('; then: ');
}

/** @param {string} message */
function shortened(message) {
  const reason = stripVTControlCharacters(message).replace(/\s+/g, ' ').trim();
  if (reason.length <= 2 * REASON_CHARACTERS) return reason;
  return `${reason.slice(0, REASON_CHARACTERS)} … ${reason.slice(-REASON_CHARACTERS)}`;
}
