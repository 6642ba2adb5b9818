/** A right that the kernel gives apart from root's others. */
export interface Capability {
  readonly name: `CAP_${string}`;
  /** Its number in linux/capability.h. */
  readonly bit: number;
  readonly why: string;
  /** Whether recording is refused without it. */
  readonly required: boolean;
}

/** All that oomscope is ever given, and why; docs/security.md and deploy/daemonset.yaml say the same, and a test compares. */
export const CAPABILITIES: readonly Capability[] = [
  { name: 'CAP_BPF', bit: 39, why: 'makes the maps and loads the programs', required: true },
  { name: 'CAP_PERFMON', bit: 38, why: 'lets the programs trace the kernel', required: true },
  { name: 'CAP_IPC_LOCK', bit: 14, why: 'keeps the code of oomscope in memory', required: false },
];

/** Kept only where the files that it was asked to write could not be written without. */
export const CAP_DAC_OVERRIDE_BIT = 1;
const CAP_BPF_BIT = 39;

/** Which capabilities stay after everything is attached, as a mask. */
export function keptCapabilities(needs: { readonly bpf: boolean; readonly dacOverride: boolean }): bigint {
  const bits = [...(needs.bpf ? [CAP_BPF_BIT] : []), ...(needs.dacOverride ? [CAP_DAC_OVERRIDE_BIT] : [])];
  return bits.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);
}
