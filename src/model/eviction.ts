/** kubelet's lines under memory.available, and what it sets aside. */
export interface KubeletSettings {
  readonly hard: EvictionLine | null;
  readonly soft: EvictionLine | null;
  /** The period that memory.available must be below the soft line; null = not told. */
  readonly softGrace: string | null;
  readonly systemReservedBytes: number | null;
  readonly kubeReservedBytes: number | null;
  /** Where each came from, for people. */
  readonly source: string;
  /** False = no kubelet runs here: the lines are its defaults. */
  readonly runs: boolean;
}

export interface EvictionLine {
  readonly bytes: number;
  readonly from: 'config' | 'flag' | 'default';
}

/** How far memory.available is above a line, and how long that lasts. */
export interface EvictionDistance {
  readonly lineBytes: number;
  readonly from: EvictionLine['from'];
  /** Negative = it is below. */
  readonly aboveBytes: number;
  /** At the measured rate; null = it does not fall, or is below already. */
  readonly inSeconds: number | null;
}

/** kubelet's own default for Linux. */
const DEFAULT_HARD_BYTES = 100 * 2 ** 20;

/** Slower than this is noise: the counters move by megabytes on a quiet node. */
const MIN_FALL_BYTES_PER_SECOND = 2 ** 18;

/** `fallBytesPerSecond`: of memory.available, positive = it falls; null = not measured. */
export function evictionDistance(
  line: EvictionLine,
  availableBytes: number,
  fallBytesPerSecond: number | null,
): EvictionDistance {
  const aboveBytes = availableBytes - line.bytes;
  const falls = fallBytesPerSecond !== null && fallBytesPerSecond >= MIN_FALL_BYTES_PER_SECOND;
  return {
    lineBytes: line.bytes,
    from: line.from,
    aboveBytes,
    inSeconds: falls && aboveBytes > 0 ? aboveBytes / fallBytesPerSecond : null,
  };
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  ...{ k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};

/** A Kubernetes quantity, or a share of the node: `100Mi`, `1.5Gi`, `500000000`, `5%`. Null = neither. */
export function parseQuantity(text: string, capacityBytes: number): number | null {
  const match = /^(\d+(?:\.\d+)?)(%|[A-Za-z]*)$/.exec(text.trim());
  if (match === null) return null;
  const [, number, unit = ''] = match;
  if (unit === '%') return Math.floor((Number(number) / 100) * capacityBytes);
  const factor = UNITS[unit];
  return factor === undefined ? null : Math.round(Number(number) * factor);
}

/** What kubelet was told, in its two ways. Values are as written. */
export interface KubeletWords {
  readonly runs: boolean;
  /** From its command line, by name without dashes. */
  readonly flags: Readonly<Record<string, string>>;
  /** Its KubeletConfiguration as parsed from YAML or JSON; null = no file, or not readable. */
  readonly config: unknown;
  /** Of that file; null = none was named or found. */
  readonly configPath: string | null;
}

/**
 * A flag wins over the file, and either over the default. A file that gives evictionHard without memory.available means: no
 * hard line at all, unless it asks for mergeDefaultEvictionSettings.
 */
export function kubeletSettings(words: KubeletWords, capacityBytes: number): KubeletSettings {
  const config = asRecord(words.config);
  const hardFlag = signalIn(words.flags['eviction-hard']);
  const softFlag = signalIn(words.flags['eviction-soft']);
  const hardConfig = config === null ? undefined : asRecord(config['evictionHard']);
  const softConfig = config === null ? undefined : asRecord(config['evictionSoft']);
  const line = (text: unknown, from: EvictionLine['from']): EvictionLine | null => {
    const bytes = typeof text === 'string' ? parseQuantity(text, capacityBytes) : null;
    return bytes === null ? null : { bytes, from };
  };
  const byDefault: EvictionLine = { bytes: DEFAULT_HARD_BYTES, from: 'default' };
  const merged = config?.['mergeDefaultEvictionSettings'] === true;
  const fromConfig = hardConfig
    ? (line(hardConfig['memory.available'], 'config') ?? (merged ? byDefault : null))
    : byDefault;
  const grace = asRecord(config?.['evictionSoftGracePeriod']);
  return {
    hard: words.flags['eviction-hard'] === undefined ? fromConfig : line(hardFlag, 'flag'),
    soft:
      words.flags['eviction-soft'] === undefined
        ? line(softConfig?.['memory.available'], 'config')
        : line(softFlag, 'flag'),
    softGrace: textOf(signalIn(words.flags['eviction-soft-grace-period'], '=') ?? grace?.['memory.available']),
    systemReservedBytes: reserved(words.flags['system-reserved'], config?.['systemReserved'], capacityBytes),
    kubeReservedBytes: reserved(words.flags['kube-reserved'], config?.['kubeReserved'], capacityBytes),
    source: sourceInWords(words),
    runs: words.runs,
  };
}

function sourceInWords({ runs, config, configPath, flags }: KubeletWords): string {
  const given = ['eviction-hard', 'eviction-soft'].filter((name) => name in flags).map((name) => `--${name}`);
  const file = configPath === null ? [] : [config === null ? `${configPath} (not readable)` : configPath];
  const sources = [...given, ...file];
  if (sources.length > 0) return sources.join(', ');
  return runs ? "kubelet's defaults" : "kubelet's defaults; no kubelet runs here";
}

/** `memory.available<500Mi,nodefs.available<10%` → `500Mi`. */
function signalIn(text: string | undefined, sign = '<'): string | undefined {
  return text
    ?.split(',')
    .map((part) => part.split(sign))
    .find(([name]) => name?.trim() === 'memory.available')?.[1];
}

/** `cpu=500m,memory=1Gi`, or a map in the file. */
function reserved(flag: string | undefined, config: unknown, capacityBytes: number): number | null {
  const fromFlag = flag
    ?.split(',')
    .map((part) => part.split('='))
    .find(([name]) => name?.trim() === 'memory')?.[1];
  const text = fromFlag ?? textOf(asRecord(config)?.['memory']);
  return text === null ? null : parseQuantity(text, capacityBytes);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
}
