/**
 * Kernel modules to load for the `wanted` ones (by name, as modprobe takes them), each after what it depends on.
 * `modulesDep` is the text of modules.dep: "kernel/a.ko: kernel/b.ko kernel/c.ko", paths below lib/modules/RELEASE.
 * A name that is not listed is left out: the kernel has it built in.
 */
export function modulesToLoad(modulesDep: string, wanted: readonly string[]): string[] {
  const byName = new Map<string, { file: string; needs: string[] }>();
  for (const line of modulesDep.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const file = line.slice(0, colon);
    const needs = line
      .slice(colon + 1)
      .split(' ')
      .filter((path) => path !== '');
    byName.set(moduleName(file), { file, needs });
  }
  const ordered = new Set<string>();
  for (const name of wanted) {
    const module = byName.get(moduleName(name));
    if (module === undefined) continue;
    // depmod lists everything that is needed, the most basic one last.
    for (const file of [...module.needs].reverse()) ordered.add(file);
    ordered.add(module.file);
  }
  return [...ordered];
}

/** `kernel/net/9p/9pnet-virtio.ko.xz` → `9pnet_virtio`: the kernel makes no difference between - and _. */
export function moduleName(file: string): string {
  const base = file.slice(file.lastIndexOf('/') + 1);
  return base.replace(/\.ko(\.[a-z0-9]+)?$/, '').replaceAll('-', '_');
}
