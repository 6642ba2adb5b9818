// Runs one long command for a person who waits: what runs, for how long, and on failure why.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const keptOutputBytes = 64 * 1024;
const progressEveryMs = 500;
/** Between the polite and the certain end of a command that ran into its deadline. */
const graceMs = 5_000;

/** The environment of every command: Debian keeps bpftool and modprobe where an ordinary user's PATH does not look. */
export const env = {
  ...process.env,
  PATH: `${root}/node_modules/.bin:${process.env.PATH}:/usr/sbin:/sbin`,
};

/**
 * @typedef {object} Outcome
 * @property {boolean} ok
 * @property {string} output  what it printed, the end of it when that was very much; empty when `show` is set
 * @property {string | null} failure  why it is not ok, in a few words
 * @property {number} seconds
 */

/**
 * Runs `command` in the project's root. Its output is kept, or with `show` passed through to the terminal.
 * It gets a process group of its own, so that a deadline or an interrupt ends everything that it started.
 *
 * @param {readonly string[]} command
 * @param {{ title?: string, show?: boolean, limitSeconds?: number, extraEnv?: Record<string, string> }} [options]
 * @returns {Promise<Outcome>}
 */
export function runCommand(command, { title, show = false, limitSeconds, extraEnv = {} } = {}) {
  const [file, ...args] = command;
  if (file === undefined) throw new Error('runCommand needs a command');
  const started = Date.now();
  const seconds = () => (Date.now() - started) / 1000;

  return new Promise((resolve) => {
    const sink = show ? 'inherit' : 'pipe';
    const child = spawn(file, args, {
      cwd: root,
      env: { ...env, ...extraEnv },
      stdio: ['ignore', sink, sink],
      detached: true,
    });
    let output = '';
    let timedOut = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-keptOutputBytes);
      });
    }

    /** @param {NodeJS.Signals} signal */
    const endGroup = (signal) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // Gone already.
      }
    };
    /** @param {NodeJS.Signals} signal */
    const onSignal = (signal) => {
      endGroup(signal);
      setTimeout(() => endGroup('SIGKILL'), graceMs).unref();
      process.exitCode = 130;
      child.once('close', () => process.exit());
    };
    process.once('SIGINT', onSignal);
    process.once('SIGTERM', onSignal);

    const progress =
      title !== undefined && process.stdout.isTTY && !show
        ? setInterval(() => process.stdout.write(`\r  ${title} … ${Math.floor(seconds())} s `), progressEveryMs)
        : undefined;
    const deadline =
      limitSeconds === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            endGroup('SIGTERM');
            setTimeout(() => endGroup('SIGKILL'), graceMs).unref();
          }, limitSeconds * 1000);

    /** @param {string | null} failure */
    const done = (failure) => {
      clearInterval(progress);
      clearTimeout(deadline);
      if (progress !== undefined) process.stdout.write('\r\x1b[K');
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      resolve({ ok: failure === null, output, failure, seconds: seconds() });
    };
    child.once('error', (error) => done(`could not start ${file}: ${error.message}`));
    child.once('close', (status, signal) => {
      if (timedOut) done(`ended after its limit of ${limitSeconds} s`);
      else if (signal !== null) done(`ended by ${signal}`);
      else done(status === 0 ? null : `exit status ${status}`);
    });
  });
}

/** @param {number} seconds */
export function showSeconds(seconds) {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/**
 * A failed command's output, indented to stand under its title: its beginning and its end, since some tools say first what
 * went wrong and some last.
 *
 * @param {string} output
 * @param {number} lines  at most this many of either
 */
export function excerpt(output, lines) {
  const all = output.trimEnd().split('\n');
  const leftOut = all.length - 2 * lines;
  const shown = leftOut <= 0 ? all : [...all.slice(0, lines), `… ${leftOut} lines …`, ...all.slice(-lines)];
  return shown.map((line) => `    ${line}`).join('\n');
}
