import { readdirSync } from 'node:fs';
import type { KubeletWords } from '../../model/eviction.js';
import { readText } from './read-text.js';

const DEFAULT_CONFIG = '/var/lib/kubelet/config.yaml';

/** What the kubelet of this host was told: its command line, and its file as far as it may be read. */
export async function readKubeletWords(): Promise<KubeletWords> {
  const argv = kubeletArguments();
  const flags = parseFlags(argv ?? []);
  const named = flags['config'];
  const text = readText(named ?? DEFAULT_CONFIG);
  const configPath = named ?? (text === null ? null : DEFAULT_CONFIG);
  return { runs: argv !== null, flags, config: text === null ? null : await parseConfig(text), configPath };
}

function kubeletArguments(): string[] | null {
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || readText(`/proc/${pid}/comm`)?.trim() !== 'kubelet') continue;
    return (readText(`/proc/${pid}/cmdline`) ?? '').split('\0').filter(Boolean);
  }
  return null;
}

/** `--name=value`, `--name value` and `-name=value`, as Go's flags are written. */
export function parseFlags(argv: readonly string[]): Record<string, string> {
  const flags: Record<string, string> = {};
  argv.forEach((argument, index) => {
    const match = /^--?([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(argument);
    if (match?.[1] === undefined) return;
    const next = argv[index + 1];
    const value = match[2] ?? (next === undefined || next.startsWith('-') ? 'true' : next);
    flags[match[1]] = value;
  });
  return flags;
}

async function parseConfig(text: string): Promise<unknown> {
  // Seventy modules that most hosts never need, at a start that a kill must not wait for.
  const { parseKubeletConfig } = await import('./kubelet-config.js');
  return parseKubeletConfig(text);
}
