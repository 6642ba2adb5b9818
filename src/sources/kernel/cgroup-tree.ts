import { readdirSync, statSync } from 'node:fs';
import type { FoundCgroup } from './known-cgroups.js';

/** All cgroups below a mount, the root first. Those that go meanwhile are left out. */
export function readCgroupTree(root: string): FoundCgroup[] {
  const found: FoundCgroup[] = [];
  const visit = (path: string, level: number) => {
    const directory = root + path;
    try {
      // An inode's number is the cgroup's id; beyond 2^53 there are none.
      found.push({ id: statSync(directory).ino, path: path === '' ? '/' : path, level });
      for (const entry of readdirSync(directory, { withFileTypes: true })) {
        if (entry.isDirectory()) visit(`${path}/${entry.name}`, level + 1);
      }
    } catch {
      // It has just gone, or may not be looked into: then neither may its files.
    }
  };
  visit('', 0);
  return found;
}
