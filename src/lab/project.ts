import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { OomscopeError } from '../base/errors.js';
import { PACKAGE_ROOT } from '../base/package-root.js';

/** The project's directory. */
export const PROJECT_ROOT = realpathSync(PACKAGE_ROOT);

/** The Node that runs this, and that the guest runs oomscope with. */
export const NODE_PATH = realpathSync(process.execPath);

/** Where downloaded kernels and remembered answers lie. */
export function cacheRoot(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return join(base?.startsWith('/') === true ? base : join(homedir(), '.cache'), 'oomscope');
}

/** A program of the guest, as the build leaves it. */
export function labProgram(name: 'lab-init' | 'hog' | 'spawn-many'): string {
  const path = join(PROJECT_ROOT, 'build/lab', name);
  if (!existsSync(path)) {
    throw new OomscopeError('E_LAB_BOOT', `the lab's program ${path} was not built.`, 'Run: make build');
  }
  return path;
}

/** Environment of every command in the guest. `kernel` is the name that --kernel takes. */
export function guestEnvironment(kernel: string): Record<string, string> {
  const directories = [
    join(PROJECT_ROOT, 'lab/bin'),
    join(PROJECT_ROOT, 'build/lab'),
    join(PROJECT_ROOT, 'node_modules/.bin'),
    dirname(NODE_PATH),
    '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ];
  return {
    PATH: directories.join(':'),
    HOME: '/root',
    USER: 'root',
    LOGNAME: 'root',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    OOMSCOPE_LAB: '1',
    OOMSCOPE_LAB_KERNEL: kernel,
    OOMSCOPE_LAB_NODE: NODE_PATH,
  };
}
