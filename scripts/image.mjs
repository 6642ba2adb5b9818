#!/usr/bin/env node
// Goes through the Dockerfile without a container engine: its RUN steps in roots made by debootstrap. Then what came out is
// started in its root: --version, the addon, the ring protocol, and a replay that is served. As root; needs debootstrap.
//   node scripts/image.mjs [--arch amd64|arm64] [--last-stage]
//     --arch         for another architecture than this machine's: the first stage cross-compiles, the last one is unpacked
//                    (its RUN steps are not run) and what came out is started under user-mode emulation
//     --last-stage   what is built in this folder stands for the first stage
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { inRoot, isForeign, makeRoot, run } from './lib/image-root.mjs';
import { root } from './lib/run-command.mjs';
import { architectureNamed, architectures } from './lib/target.mjs';

const here = Object.values(architectures).find((one) => !isForeign(one));
const { values: options } = parseArgs({
  options: { arch: { type: 'string', default: here?.debian ?? '' }, 'last-stage': { type: 'boolean', default: false } },
});
const target = architectureNamed(options.arch);
const builder = here ?? target;

const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8').replace(/\\\n/g, '');
const [, nodeVersion, release] = /NODE_IMAGE=node:([\d.]+)-(\w+)/.exec(dockerfile) ?? [];
if (nodeVersion === undefined || release === undefined) throw new Error('the Dockerfile names no pinned image of Node');
const versions = { nodeVersion, release };

/** What `apt-get install` of a stage names. @param {string} stage */
const packagesOf = (stage) =>
  [...stage.matchAll(/apt-get install([^&]*)/g)].flatMap(([, words = '']) => words.match(/(?<!\S)\w\S*/g) ?? []);

/**
 * @param {string} stage
 * @param {import('./lib/image-root.mjs').StageRoot} stageRoot
 * @param {string} first  where the first stage's files are
 */
function make(stage, stageRoot, first) {
  /** @type {Record<string, string>} */
  const environment = {};
  let directory = '/';
  for (const line of stage.split('\n')) {
    const [, word, rest = ''] = /^(ARG|ENV|WORKDIR|RUN|COPY) +(.*)$/.exec(line.trim()) ?? [];
    if (word === undefined) continue;
    console.log(`\n=== ${line.trim()}`);
    if (word === 'ARG' && rest === 'TARGETARCH') environment[rest] = target.debian;
    else if (word === 'ENV') {
      const [name = '', value = ''] = rest.split('=');
      environment[name] = value.replace(/\$(\w+)/, (_, variable) => environment[variable] ?? '');
    } else if (word === 'WORKDIR') {
      directory = rest;
      mkdirSync(join(stageRoot.path, directory), { recursive: true });
    } else if (word === 'COPY') copy(rest, join(stageRoot.path, directory), first);
    else if (isForeign(stageRoot.architecture))
      console.log('not run: its packages were unpacked, without their scripts');
    else run(...inRoot(stageRoot, directory, ['sh', '-c', rest], environment));
  }
}

/** @param {string} rest @param {string} target @param {string} first */
function copy(rest, target, first) {
  const [, from, source = '', name = ''] = /^(--from=\w+ )?(\S+) (\S+)$/.exec(rest) ?? [];
  if (source === '.') {
    for (const file of execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')) {
      if (file !== '') cpSync(join(root, file), join(target, file), { recursive: true });
    }
    return;
  }
  const path = from === undefined ? join(root, source) : join(first, source.replace(/^\/oomscope\//, ''));
  const to = name.endsWith('/') ? join(target, name, basename(source)) : join(target, name);
  mkdirSync(dirname(to), { recursive: true });
  run('cp', ['-a', path, to]);
}

/** The addon and whatever npm packages brought along. @param {string} folder */
function checkMachine(folder) {
  const machines = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => {
      const head = readFileSync(path).subarray(0, 20);
      return head.toString('latin1', 0, 4) === '\x7fELF' ? [{ path, machine: head.readUInt16LE(18) }] : [];
    });
  const wrong = machines.filter(({ machine }) => machine !== target.elfMachine).map(({ path }) => path);
  if (wrong.length > 0) throw new Error(`not for ${target.debian}: ${wrong.join(', ')}`);
  console.log(`For ${target.debian}: ${machines.map(({ path }) => path.slice(folder.length + 1)).join(', ')}`);
}

/** @param {import('./lib/image-root.mjs').StageRoot} image @param {string} ringTest  path of the program */
async function start(image, ringTest) {
  for (const tool of ['cc', 'gcc', 'clang', 'make']) {
    if (existsSync(join(image.path, 'usr/bin', tool))) throw new Error(`the image has ${tool}`);
  }
  checkMachine(join(image.path, 'oomscope'));
  const node = '/usr/local/bin/node';
  run(...inRoot(image, '/oomscope', [node, '-p', '[process.version, process.arch].join()']));
  run(...inRoot(image, '/oomscope', [node, 'dist/cli.js', '--version']));
  // The addon with its two libraries: it is loaded before anything is refused.
  run(...inRoot(image, '/oomscope', [node, '-e', "require('./build/Release/oomscope.node')"]));
  checkRing(image, ringTest);
  mkdirSync(join(image.path, 'tmp/traces'), { recursive: true });
  cpSync(join(root, 'test/golden/v1.mcap'), join(image.path, 'tmp/traces/v1.mcap'));
  const port = 20_000 + (process.pid % 20_000);
  const served = ['dist/cli.js', 'replay', '/tmp/traces/v1.mcap', '--port', String(port)];
  const replay = spawn(...inRoot(image, '/oomscope', [node, ...served]), { stdio: 'inherit' });
  try {
    await answers(`http://127.0.0.1:${port}/healthz`);
    const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    if (!page.includes('<title>oomscope')) throw new Error('the page is not served');
  } finally {
    replay.kill('SIGINT');
  }
}

/**
 * The addon's ring protocol, as native/ring.test.ts has it.
 *
 * @param {import('./lib/image-root.mjs').StageRoot} image
 * @param {string} ringTest
 */
function checkRing(image, ringTest) {
  cpSync(ringTest, join(image.path, 'tmp/ring_test'));
  const [file, args] = inRoot(image, '/', ['/tmp/ring_test']);
  const cases = execFileSync(file, args, { encoding: 'utf8' }).trim().split('\n');
  for (const name of cases) run(file, [...args, name]);
  console.log(`The ring protocol holds in ${cases.length} cases.`);
}

/** @param {string} url */
async function answers(url) {
  for (let n = 0; n < 240; n++) {
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${url} did not answer`);
}

const [, firstStage = '', lastStage = ''] = dockerfile.split(/^FROM .*$/m);
let first = root;
if (!options['last-stage']) {
  const stageRoot = makeRoot('first', versions, builder, []);
  make(firstStage, stageRoot, '');
  first = join(stageRoot.path, 'oomscope');
}
const image = makeRoot('last', versions, target, packagesOf(lastStage));
make(lastStage, image, first);
const size = execFileSync('du', ['-sh', image.path], { encoding: 'utf8' }).trim();
await start(image, join(first, 'build/Release/ring_test'));
console.log(`\nThe image starts: ${size}`);
