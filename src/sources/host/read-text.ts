import { readFileSync } from 'node:fs';

/** A file of /proc or the cgroup tree; null = it is not there, or not ours to read: both may change at any time. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
