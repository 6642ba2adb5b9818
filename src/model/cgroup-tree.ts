/** Whether a cgroup is the one at `path` or stands below it. A path that is not known is nowhere. */
export function isInside(cgroupPath: string | null, path: string): boolean {
  if (cgroupPath === null) return false;
  return path === '/' || cgroupPath === path || cgroupPath.startsWith(`${path}/`);
}

/** The paths above this one, the root first. */
export function ancestorsOf(path: string): string[] {
  if (path === '/') return [];
  const names = path.split('/').slice(1, -1);
  return ['/', ...names.map((_, depth) => `/${names.slice(0, depth + 1).join('/')}`)];
}
