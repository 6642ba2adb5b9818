import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Unpacks Debian packages that need not be installed on this host; a guest sees them at the same path. Downloads each once.
 * Returns the directory that is the root of them all.
 */
export async function unpackDebianPackages(names: readonly string[]): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'oomscope/packages');
  const root = join(cache, names.join('+'));
  if (existsSync(root)) return root;
  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(join(cache, '.partial-'));
  try {
    await run('apt-get', ['download', '-q', ...names], { cwd: scratch });
    for (const file of await readdir(scratch)) await run('dpkg-deb', ['-x', file, 'root'], { cwd: scratch });
    await rename(join(scratch, 'root'), root);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return root;
}
