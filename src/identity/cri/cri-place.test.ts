import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CriContainer, type CriSandbox, FakeCri } from '../../../test/support/fake-cri.js';
import type { FoundPod } from '../identity-place.js';
import { CriPlace } from './cri-place.js';

const UID = '3f1c9a52-7d1e-4a0b-9c55-0123456789ab';
const SANDBOX = 'c'.repeat(64);
const APP = 'a'.repeat(64);
const SIDECAR = 'b'.repeat(64);

const KUBELETS = {
  'io.kubernetes.pod.name': 'web-1',
  'io.kubernetes.pod.namespace': 'shop',
  'io.kubernetes.pod.uid': UID,
};

const sandbox = (over: CriSandbox = {}): CriSandbox => ({
  id: SANDBOX,
  metadata: { name: 'web-1', uid: UID, namespace: 'shop' },
  createdAt: 1.7e18,
  labels: { ...KUBELETS, team: 'payments' },
  ...over,
});

const container = (id: string, name: string, over: CriContainer = {}): CriContainer => ({
  ...{ id, podSandboxId: SANDBOX, metadata: { name }, image: { image: 'registry.example/shop:1' }, createdAt: 1.7e18 },
  labels: { ...KUBELETS, 'io.kubernetes.container.name': name },
  ...over,
});

let cri: FakeCri;
let place: CriPlace;
let said: string[];

beforeEach(async () => {
  cri = await FakeCri.make();
  said = [];
  place = new CriPlace(cri.socket, (line) => said.push(line));
});

afterEach(async () => {
  place.close();
  await cri.remove();
});

/** What one look told last; null = nothing. */
async function look(): Promise<readonly FoundPod[] | null> {
  let told: readonly FoundPod[] | null = null;
  await place.look((pods) => {
    told = pods;
  });
  return told;
}

const containersIn = (pods: readonly FoundPod[] | null) => pods?.flatMap(({ containers }) => containers) ?? null;

describe('a container runtime', () => {
  it('tells namespace, pod, labels, and of each container name, image and limit', async () => {
    cri.sandboxes = [sandbox()];
    cri.containers = [container(APP, 'myapp'), container(SIDECAR, 'vector')];
    cri.limits = { [APP]: 64 * 2 ** 20 };
    await cri.start();
    const pods = await look();
    const labels = { kept: [{ name: 'team', value: 'payments' }], leftOut: 0 };
    expect(pods?.[0]).toMatchObject({ podUid: UID, namespace: 'shop', pod: 'web-1', labels });
    const image = 'registry.example/shop:1';
    expect(containersIn(pods)).toEqual([
      { id: APP, name: 'myapp', image, memoryLimitBytes: 64 * 2 ** 20 },
      { id: SIDECAR, name: 'vector', image, memoryLimitBytes: null },
    ]);
    expect(said).toEqual([]);
  });

  it('is only asked for lists and limits, each limit once', async () => {
    cri.sandboxes = [sandbox()];
    cri.containers = [container(APP, 'myapp')];
    await cri.start();
    await look();
    await look();
    expect(cri.calls).toEqual([
      ...['ListContainers', 'ListPodSandbox', 'ContainerStatus'],
      ...['ListContainers', 'ListPodSandbox'],
    ]);
  });

  it('tells names before it is asked for limits', async () => {
    cri.sandboxes = [sandbox()];
    cri.containers = [container(APP, 'myapp')];
    cri.limits = { [APP]: 4096 };
    await cri.start();
    const callsAtEachTelling: number[] = [];
    await place.look(() => callsAtEachTelling.push(cri.calls.length));
    expect(callsAtEachTelling).toEqual([2, 3]);
  });

  it('tells a container whose sandbox is gone by the labels of kubelet, and the image by what people wrote', async () => {
    const image = { image: `sha256:${APP}`, userSpecifiedImage: 'shop:1' };
    cri.containers = [container(APP, 'myapp', { image })];
    await cri.start();
    expect(await look()).toMatchObject([
      { podUid: UID, pod: 'web-1', labels: null, containers: [{ image: 'shop:1' }] },
    ]);
  });

  it('tells no more labels than fit, and how many there are', async () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`label-${n}`, 'x']));
    cri.sandboxes = [sandbox({ labels: { ...many, long: 'x'.repeat(500) } })];
    await cri.start();
    const [pod] = (await look()) ?? [];
    expect([pod?.labels?.kept.length, pod?.labels?.leftOut]).toEqual([16, 5]);
  });

  it('may list what is not of Kubernetes', async () => {
    cri.sandboxes = [sandbox({ metadata: null, labels: {} })];
    cri.containers = [container(APP, 'myapp', { labels: {} }), container('x', 'odd'), container(SIDECAR, '')];
    await cri.start();
    expect(await look()).toEqual([]);
  });

  it('that is not there is told once, with its code, and once more when it is', async () => {
    expect(await look()).toBeNull();
    expect(await look()).toBeNull();
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^oomscope: E_CRI_UNREACHABLE: .*ENOENT.*log folders\.$/);
    expect(place.whyNot()).toContain('E_CRI_UNREACHABLE');
    cri.sandboxes = [sandbox()];
    await cri.start();
    expect(await look()).toHaveLength(1);
    expect(said[1]).toContain('answers again');
    // And when it is started anew, at the same path.
    await cri.stop();
    expect(await look()).toBeNull();
    await cri.start();
    expect(await look()).toHaveLength(1);
    expect(place.whyNot()).toContain('does not list it');
  });

  it('that was started while its socket was kept refuses', async () => {
    await writeFile(cri.socket, '');
    expect(await look()).toBeNull();
    expect(said[0]).toContain('E_CRI_UNREACHABLE');
  });

  it('that hangs is not waited for', async () => {
    await cri.start();
    cri.hangs = true;
    expect(await look()).toBeNull();
    expect(said[0]).toContain('E_CRI_SLOW');
  });

  it('whose socket takes a connection and is silent is not waited for', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(cri.socket, resolve));
    expect(await look()).toBeNull();
    server.close();
    expect(said[0]).toContain('E_CRI_SLOW');
  });

  it('that is left does not hold up the end', async () => {
    await cri.start();
    cri.hangs = true;
    const looked = look();
    await expect.poll(() => cri.calls.length).toBe(1);
    place.close();
    expect(await looked).toBeNull();
    expect(said).toEqual([]);
  });

  it.each([
    ['with rubbish', Uint8Array.of(0x0a, 0xff, 0xff, 0x7f)],
    ['with a number that does not end', new Uint8Array(16).fill(0xff)],
  ])('that answers %s is refused by its code', async (_, bytes) => {
    await cri.start();
    cri.rubbish = bytes;
    expect(await look()).toBeNull();
    expect(said[0]).toContain('E_CRI_BAD_ANSWER');
  });

  it('keeps the limits of the others when one container goes away meanwhile', async () => {
    cri.sandboxes = [sandbox()];
    cri.containers = [container(APP, 'myapp'), container(SIDECAR, 'vector')];
    cri.limits = { [SIDECAR]: 4096 };
    await cri.start();
    const gone = cri.containers[0];
    await place.look(() => {
      // After the list: the runtime no longer knows it when its limit is asked for.
      cri.containers = cri.containers.filter((one) => one !== gone);
    });
    expect(said).toEqual([]);
    expect(containersIn(await look())).toMatchObject([{ id: SIDECAR, memoryLimitBytes: 4096 }]);
  });
});
