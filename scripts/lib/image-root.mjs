// Roots that stand for the images of the Dockerfile: Debian by debootstrap, and Node where node:VERSION-RELEASE has it. One
// of another architecture is only unpacked, and its programs are started by an emulator that is called by its name: nothing
// is told to this machine's kernel (binfmt_misc), hence no program in there can start another one.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run-command.mjs';

const place = join(root, 'build/image');

/**
 * @typedef {object} StageRoot
 * @property {string} path
 * @property {import('./target.mjs').Architecture} architecture
 */

/** @param {string} file @param {readonly string[]} args */
export const run = (file, args, cwd = root) => execFileSync(file, args, { cwd, stdio: 'inherit' });

/** @param {import('./target.mjs').Architecture} architecture */
export const isForeign = (architecture) => architecture.node !== process.arch;

/**
 * A root of its own, below build/image/NAME.
 *
 * @param {string} name
 * @param {{ release: string, nodeVersion: string }} versions
 * @param {import('./target.mjs').Architecture} architecture
 * @param {readonly string[]} packages  what a foreign root is to hold besides: apt cannot run in it
 * @returns {StageRoot}
 */
export function makeRoot(name, versions, architecture, packages) {
  const path = join(place, name);
  rmSync(path, { recursive: true, force: true });
  run('cp', ['-a', base(versions, architecture, isForeign(architecture) ? packages : []), path]);
  cpSync('/etc/resolv.conf', join(path, 'etc/resolv.conf'));
  return { path, architecture };
}

/**
 * What node:VERSION-RELEASE is made of, kept for the next time.
 *
 * @param {{ release: string, nodeVersion: string }} versions
 * @param {import('./target.mjs').Architecture} architecture
 * @param {readonly string[]} packages
 */
function base({ release, nodeVersion }, architecture, packages) {
  const debian = join(place, [release, 'node', nodeVersion, architecture.node, ...packages].join('-'));
  const done = join(debian, 'usr/local/bin/node');
  if (existsSync(done)) return debian;
  rmSync(debian, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  // From debootstrap's own default mirror.
  const included = `--include=${['ca-certificates', ...packages].join(',')}`;
  const foreign = isForeign(architecture) ? ['--foreign', `--arch=${architecture.debian}`] : [];
  run('debootstrap', ['--variant=minbase', included, ...foreign, release, debian]);
  if (isForeign(architecture)) unpackAll(debian);
  const packed = join(place, `npm-${architecture.node}`);
  const node = `node-linux-${architecture.node}`;
  // --force: npm refuses a package for another processor, even when told of it (--cpu).
  const install = ['install', '--prefix', packed, '--force', '--no-audit', '--no-fund', '--ignore-scripts'];
  run('npm', [...install, `${node}@${nodeVersion}`, 'npm@11']);
  cpSync(join(packed, 'node_modules/npm'), join(debian, 'usr/local/lib/npm'), { recursive: true });
  mkdirSync(join(debian, 'usr/local/bin'), { recursive: true });
  for (const name of ['npm', 'npx']) {
    run('ln', ['-sf', `../lib/npm/bin/${name}-cli.js`, join(debian, 'usr/local/bin', name)]);
  }
  // Behind a proxy of one's own: trust whom this host trusts.
  const trusted = process.env['NODE_EXTRA_CA_CERTS'];
  if (trusted !== undefined) cpSync(trusted, join(debian, 'etc/ssl/certs/ca-certificates.crt'));
  // Last: it says that all is there.
  cpSync(join(packed, 'node_modules', node, 'bin/node'), done);
  return debian;
}

/** debootstrap --foreign leaves most packages to its second stage, which runs inside. @param {string} debian */
function unpackAll(debian) {
  const archives = join(debian, 'var/cache/apt/archives');
  for (const name of readdirSync(archives)) {
    if (name.endsWith('.deb')) run('dpkg-deb', ['--extract', join(archives, name), debian]);
  }
  for (const spent of [archives, join(debian, 'debootstrap')]) rmSync(spent, { recursive: true });
}

/**
 * The command that runs `command` in a root.
 *
 * @param {StageRoot} stage
 * @param {string} directory
 * @param {readonly [string, ...string[]]} command  where it is emulated, its program's whole path
 * @param {Readonly<Record<string, string>>} [environment]
 * @returns {[string, string[]]}
 */
export function inRoot({ path, architecture }, directory, command, environment = {}) {
  const variables = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
    ...environment,
  };
  const cleared = ['env', '-i', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)];
  const changed = ['unshare', '--root', path, '--wd', directory];
  const started = isForeign(architecture) ? [emulatorIn(path, architecture), ...command] : command;
  // An engine mounts /proc for each step; bash needs it. In a mount namespace of its own it goes with the step.
  const mounted = 'mount -t proc proc "$0/proc" && exec "$@"';
  return ['unshare', ['--mount', 'sh', '-c', mounted, path, ...cleared, ...changed, ...started]];
}

/**
 * Debian's emulator, in the root. Not installed here: its package would tell the kernel of it.
 *
 * @param {string} path
 * @param {import('./target.mjs').Architecture} architecture
 */
function emulatorIn(path, architecture) {
  const name = `qemu-${architecture.processor}-static`;
  const unpacked = join(place, 'qemu');
  const emulator = join(unpacked, 'usr/bin', name);
  if (!existsSync(emulator)) {
    rmSync(unpacked, { recursive: true, force: true });
    mkdirSync(unpacked, { recursive: true });
    run('apt-get', ['download', 'qemu-user-static'], unpacked);
    const [archive = ''] = readdirSync(unpacked).filter((file) => file.endsWith('.deb'));
    run('dpkg-deb', ['--extract', archive, '.'], unpacked);
  }
  cpSync(emulator, join(path, 'tmp', name));
  return `/tmp/${name}`;
}
