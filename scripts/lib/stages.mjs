// What `make check` and `make test` go through, in this order.

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {readonly string[]} command
 * @property {number} limitSeconds  a hung stage must not hang the run
 * @property {boolean} inCheck  quick enough for `make check`; all of them are in `make test`
 * @property {boolean} counted  vitest says how many tests it ran; the others count as one
 * @property {readonly string[]} needs  stages without which this one has no meaning
 */

/** @param {string} name @param {string} script @returns {Stage} */
const check = (name, script) => ({
  name,
  command: ['npm', 'run', '--silent', script],
  limitSeconds: 300,
  inCheck: true,
  counted: false,
  needs: ['npm packages'],
});

const reporters = ['--reporter=default', '--reporter=./scripts/lib/count-reporter.mjs'];

/**
 * @param {string} name
 * @param {string} script
 * @param {{ limitSeconds: number, inCheck?: boolean, needs?: readonly string[] }} options
 * @returns {Stage}
 */
const tests = (name, script, { limitSeconds, inCheck = false, needs = ['build'] }) => ({
  name,
  command: ['npm', 'run', '--silent', script, '--', ...reporters],
  limitSeconds,
  inCheck,
  counted: true,
  needs,
});

/** @type {readonly Stage[]} */
export const stages = [
  {
    name: 'npm packages',
    command: ['node', 'scripts/build.mjs', 'dependencies'],
    limitSeconds: 900,
    inCheck: true,
    counted: false,
    needs: [],
  },
  {
    name: 'build',
    command: ['node', 'scripts/build.mjs'],
    limitSeconds: 900,
    inCheck: true,
    counted: false,
    needs: ['npm packages'],
  },
  check('format', 'check:format'),
  check('lint', 'check:lint'),
  check('types', 'check:types'),
  check('import rules', 'check:imports'),
  check('unused code', 'check:unused'),
  check('C format', 'check:c-format'),
  check('shell scripts', 'check:shell'),
  check('record layout', 'check:layout'),
  // The wire format is generated; the rest of the build is not needed.
  tests('unit', 'test:unit', { limitSeconds: 900, inCheck: true, needs: ['npm packages'] }),
  tests('fuzz', 'test:fuzz', { limitSeconds: 900, needs: ['npm packages'] }),
  tests('native', 'test:native', { limitSeconds: 300 }),
  tests('native, AddressSanitizer', 'test:asan', { limitSeconds: 600 }),
  tests('VM', 'test:vm', { limitSeconds: 3600 }),
  tests('browser', 'test:browser', { limitSeconds: 600 }),
];
