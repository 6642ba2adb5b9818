#!/usr/bin/env node
// Builds what is not built yet.
//   node scripts/build.mjs            all steps
//   node scripts/build.mjs wire page  these steps
import { buildSteps } from './lib/build-steps.mjs';
import { excerpt, runCommand, showSeconds } from './lib/run-command.mjs';
import { inputsHash, isDone, markDone } from './lib/stamp.mjs';

/** @param {readonly string[]} names */
function stepsNamed(names) {
  const unknown = names.filter((name) => !buildSteps.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(`no such build step: ${unknown.join(', ')}. There are: ${buildSteps.map((s) => s.name).join(', ')}`);
    process.exit(2);
  }
  return names.length === 0 ? buildSteps : buildSteps.filter((step) => names.includes(step.name));
}

/** @param {import('./lib/stamp.mjs').Step} step @returns {Promise<boolean>} */
async function build(step) {
  const hash = inputsHash(step);
  let seconds = 0;
  for (const command of step.commands) {
    const outcome = await runCommand(command, { title: step.title });
    seconds += outcome.seconds;
    if (!outcome.ok) {
      console.error(
        `  ${step.title}: failed (${command.join(' ')}: ${outcome.failure})\n${excerpt(outcome.output, 30)}`,
      );
      return false;
    }
  }
  markDone(step, hash);
  if (!isDone(step)) {
    console.error(`  ${step.title}: it ran without an error, yet one of these is missing: ${step.outputs.join(', ')}`);
    return false;
  }
  console.log(`  ${step.title}: done in ${showSeconds(seconds)}`);
  return true;
}

const todo = stepsNamed(process.argv.slice(2)).filter((step) => !isDone(step));
if (todo.length > 0) console.log(`Building: ${todo.map((step) => step.title).join(', ')}`);
for (const step of todo) {
  // An earlier step may have made this one's inputs, or done its work.
  if (isDone(step)) continue;
  if (!(await build(step))) process.exit(1);
}
