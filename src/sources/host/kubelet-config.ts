import { parse } from 'yaml';

/** What stands in kubelet's file. Null = it is no YAML. */
export function parseKubeletConfig(text: string): unknown {
  try {
    // Aliases could blow a small file up; kubelet's has none.
    return parse(text, { maxAliasCount: 0 });
  } catch {
    return null;
  }
}
