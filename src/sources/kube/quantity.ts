const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Bytes of a quantity as Kubernetes writes it: `128Mi`, `1e9`, `1.5G`; rounded up as kubelet does. Null = it is none. */
export function parseQuantity(quantity: string | null): number | null {
  const match = /^\+?(\d+\.?\d*|\.\d+)(?:([eE][+-]?\d+)|([mkMGTPE]|[KMGTPE]i)?)$/.exec(quantity ?? '');
  const factor = FACTORS[match?.[3] ?? ''];
  if (match === null || factor === undefined) return null;
  const bytes = Math.ceil(Number(`${match[1]}${match[2] ?? ''}`) * factor);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
