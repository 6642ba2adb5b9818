#!/usr/bin/env node
// Goes through the Dockerfile without a container engine: its RUN steps in roots made by debootstrap. Then what came out is
// started in its root: --version, and a replay that is served. As root; needs debootstrap.
//   node scripts/image.mjs [--last-stage]     --last-stage: what is built in this folder stands for the first stage
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from './lib/run-command.mjs';

const place = join(root, 'build/image');
const architecture = { x64: 'x64', arm64: 'arm64' }[process.arch] ?? process.arch;
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8').replace(/\\\n/g, '');
const [, nodeVersion, release] = /NODE_IMAGE=node:([\d.]+)-(\w+)/.exec(dockerfile) ?? [];
const debianRelease = release ?? '';
if (nodeVersion === undefined || release === undefined) throw new Error('the Dockerfile names no pinned image of Node');

/** @param {string} file @param {readonly string[]} args */
const run = (file, args, cwd = root) => execFileSync(file, args, { cwd, stdio: 'inherit' });

/** What node:VERSION-RELEASE is made of: Debian, and Node where it has it. */
function base() {
  const debian = join(place, `${debianRelease}-node-${nodeVersion}`);
  const done = join(debian, 'usr/local/bin/node');
  if (existsSync(done)) return debian;
  rmSync(debian, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  // From debootstrap's own default mirror.
  run('debootstrap', ['--variant=minbase', '--include=ca-certificates', debianRelease, debian]);
  const packed = join(place, 'npm');
  const packages = [`node-linux-${architecture}@${nodeVersion}`, 'npm@11'];
  run('npm', ['install', '--prefix', packed, '--no-audit', '--no-fund', '--ignore-scripts', ...packages]);
  cpSync(join(packed, 'node_modules/npm'), join(debian, 'usr/local/lib/npm'), { recursive: true });
  for (const name of ['npm', 'npx']) {
    run('ln', ['-sf', `../lib/npm/bin/${name}-cli.js`, join(debian, 'usr/local/bin', name)]);
  }
  // Behind a proxy of one's own: trust whom this host trusts.
  const trusted = process.env['NODE_EXTRA_CA_CERTS'];
  if (trusted !== undefined) cpSync(trusted, join(debian, 'etc/ssl/certs/ca-certificates.crt'));
  // Last: it says that all is there.
  cpSync(join(packed, `node_modules/node-linux-${architecture}/bin/node`), done);
  return debian;
}

/** @param {string} stageRoot @param {string} directory @param {string} command @returns {[string, string[]]} */
function inRoot(stageRoot, directory, command) {
  const shell = `cd ${directory} && ${command}`;
  const certificates = 'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt';
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  // An engine mounts /proc for each step; bash needs it. In a mount namespace of its own it goes with the step.
  const mounted = 'mount -t proc proc "$1/proc" && exec chroot "$@"';
  const step = [stageRoot, 'env', '-i', path, 'HOME=/root', certificates, 'sh', '-c', shell];
  return ['unshare', ['--mount', 'sh', '-c', mounted, 'sh', ...step]];
}

/** @param {string} stage @param {string} first  where the first stage's files are */
function make(stage, first) {
  const isFirst = first === '';
  const stageRoot = join(place, isFirst ? 'first' : 'last');
  rmSync(stageRoot, { recursive: true, force: true });
  run('cp', ['-a', base(), stageRoot]);
  cpSync('/etc/resolv.conf', join(stageRoot, 'etc/resolv.conf'));
  let directory = '/';
  for (const line of stage.split('\n')) {
    const [, word, rest = ''] = /^(WORKDIR|RUN|COPY) +(.*)$/.exec(line.trim()) ?? [];
    if (word === undefined) continue;
    console.log(`\n=== ${line.trim()}`);
    if (word === 'WORKDIR') {
      directory = rest;
      mkdirSync(join(stageRoot, directory), { recursive: true });
    } else if (word === 'RUN') {
      run(...inRoot(stageRoot, directory, rest));
    } else copy(rest, join(stageRoot, directory), first);
  }
  return stageRoot;
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

/** @param {string} image */
async function start(image) {
  for (const tool of ['cc', 'gcc', 'clang', 'make']) {
    if (existsSync(join(image, 'usr/bin', tool))) throw new Error(`the image has ${tool}`);
  }
  run(...inRoot(image, '/oomscope', 'node -v && node dist/cli.js --version'));
  // The addon with its two libraries: it is loaded before anything is refused.
  run(...inRoot(image, '/oomscope', 'node -e "require(\'./build/Release/oomscope.node\')"'));
  mkdirSync(join(image, 'tmp/traces'), { recursive: true });
  cpSync(join(root, 'test/golden/v1.mcap'), join(image, 'tmp/traces/v1.mcap'));
  const port = 20_000 + (process.pid % 20_000);
  const [shell, served] = inRoot(image, '/oomscope', `exec node dist/cli.js replay /tmp/traces/v1.mcap --port ${port}`);
  const replay = spawn(shell, served, { stdio: 'inherit' });
  try {
    await answers(`http://127.0.0.1:${port}/healthz`);
    const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    if (!page.includes('<title>oomscope')) throw new Error('the page is not served');
  } finally {
    replay.kill('SIGINT');
  }
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
const first = process.argv.includes('--last-stage') ? root : join(make(firstStage, ''), 'oomscope');
const image = make(lastStage, first);
await start(image);
console.log(`\nThe image starts: ${execFileSync('du', ['-sh', image], { encoding: 'utf8' }).trim()}`);
