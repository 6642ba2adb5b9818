/** Whether a cgroup is the one at `path` or stands below it. A path that is not known is nowhere. */
export function isInside(cgroupPath: string | null, path: string): boolean {
  if (cgroupPath === null) return false;
  return path === '/' || cgroupPath === path || cgroupPath.startsWith(`${path}/`);
}
