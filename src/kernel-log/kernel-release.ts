/** True when this release is older than the given version; null when it names none. */
export function isOlderThan(release: string | null, major: number, minor: number): boolean | null {
  const parts = /^(\d{1,3})\.(\d{1,3})/.exec(release ?? '');
  if (parts === null) return null;
  const own = Number(parts[1]) * 1000 + Number(parts[2]);
  return own < major * 1000 + minor;
}
