import { describe, expect, it } from 'vitest';
import { evictionDistance, type KubeletWords, kubeletSettings, parseQuantity } from './eviction.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const settings = (words: Partial<KubeletWords>) =>
  kubeletSettings({ runs: true, flags: {}, config: null, configPath: null, ...words }, 30 * GIB);

describe("kubelet's lines", () => {
  it('are its defaults where it was told nothing, and it says so', () => {
    expect(settings({})).toMatchObject({
      hard: { bytes: 100 * MIB, from: 'default' },
      soft: null,
      source: "kubelet's defaults",
    });
    expect(settings({ runs: false }).source).toContain('no kubelet runs here');
  });

  it('come from its file, as amounts or as shares of the node', () => {
    const config = {
      evictionHard: { 'memory.available': '5%' },
      evictionSoft: { 'memory.available': '1Gi' },
      evictionSoftGracePeriod: { 'memory.available': '1m30s' },
      systemReserved: { memory: '500Mi' },
    };
    expect(settings({ config, configPath: '/etc/kubelet.yaml' })).toMatchObject({
      hard: { bytes: 1.5 * GIB, from: 'config' },
      soft: { bytes: GIB, from: 'config' },
      softGrace: '1m30s',
      systemReservedBytes: 500 * MIB,
      kubeReservedBytes: null,
      source: '/etc/kubelet.yaml',
    });
  });

  it('are overruled by flags', () => {
    const flags = {
      'eviction-hard': 'nodefs.available<10%,memory.available<50Mi',
      'eviction-soft': 'memory.available<100Mi',
      'eviction-soft-grace-period': 'memory.available=2m',
      'kube-reserved': 'cpu=500m,memory=1Gi',
    };
    expect(settings({ flags, config: { evictionHard: { 'memory.available': '5%' } } })).toMatchObject({
      hard: { bytes: 50 * MIB, from: 'flag' },
      soft: { bytes: 100 * MIB, from: 'flag' },
      softGrace: '2m',
      kubeReservedBytes: GIB,
    });
  });

  it('a file that names other signals only leaves no line for memory, unless it asks for the defaults', () => {
    const evictionHard = { 'nodefs.available': '10%' };
    expect(settings({ config: { evictionHard } }).hard).toBeNull();
    expect(settings({ config: { evictionHard, mergeDefaultEvictionSettings: true } }).hard?.from).toBe('default');
  });

  it('a file that is nonsense is no line', () => {
    for (const config of [7, 'text', [], { evictionHard: 7 }]) expect(settings({ config }).hard?.from).toBe('default');
    expect(settings({ config: { evictionHard: { 'memory.available': 'lots' } } }).hard).toBeNull();
  });
});

describe('the distance to a line', () => {
  const line = { bytes: 50 * MIB, from: 'config' } as const;

  it('lasts as long as the rate allows', () => {
    expect(evictionDistance(line, 111 * MIB, 4 * MIB)).toMatchObject({ aboveBytes: 61 * MIB, inSeconds: 15.25 });
  });

  it('has no time when nothing falls, or only noise does, or it is passed', () => {
    for (const rate of [null, -MIB, 0, 1024]) expect(evictionDistance(line, 111 * MIB, rate).inSeconds).toBeNull();
    expect(evictionDistance(line, 40 * MIB, MIB)).toMatchObject({ aboveBytes: -10 * MIB, inSeconds: null });
  });
});

describe('a quantity', () => {
  it.each([
    ['100Mi', 100 * MIB],
    ['1.5Gi', 1.5 * GIB],
    ['500000000', 500_000_000],
    ['1G', 1_000_000_000],
    ['10%', 3 * GIB],
    ['lots', null],
    ['5Qi', null],
  ])('%s', (text, bytes) => {
    expect(parseQuantity(text, 30 * GIB)).toBe(bytes);
  });
});
