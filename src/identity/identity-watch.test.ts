import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleProcess, sampleSession, sampleVictim } from '../../test/support/sample-events.js';
import type { OomscopeEvent } from '../events/event.js';
import type { ContainerIdentity, IdentityEvent, PodLabels } from '../events/identity.js';
import { applyEvents, initialModel } from '../model/fold.js';
import { workloadName, workloadOf } from '../model/workload.js';
import { IdentityWatch } from './identity-watch.js';
import { KnownPods, MAX_CONTAINERS } from './known-pods.js';
import { LogFolders } from './log-folders.js';

const UID = '3f1c9a52-7d1e-4a0b-9c55-0123456789ab';
const APP = 'a'.repeat(64);
const SIDECAR = 'b'.repeat(64);
const POD = `shop_web-1_${UID}`;

let root = '';
let told: IdentityEvent[] = [];
let model = initialModel;
let watch: IdentityWatch | null = null;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'oomscope-identity-'));
  told = [];
  model = initialModel;
});

afterEach(async () => {
  await watch?.close();
  await rm(root, { recursive: true });
});

/** As kubelet and the runtime do it. */
async function startContainer(name: string, id: string): Promise<void> {
  const folder = join(root, 'pods', POD, name);
  await mkdir(folder, { recursive: true });
  await mkdir(join(root, 'containers'), { recursive: true });
  await writeFile(join(folder, '0.log'), '');
  await symlink(join(folder, '0.log'), join(root, 'containers', `web-1_shop_${name}-${id}.log`));
}

function begin(): void {
  watch = new IdentityWatch([new LogFolders(root)], (event) => {
    told.push(event);
    write(event);
  });
  write(sampleSession());
}

function write(event: OomscopeEvent): void {
  model = applyEvents(model, [event]);
  watch?.write([event], model);
}

const container = (id: string) => ({ id, name: 'myapp', image: null, memoryLimitBytes: null });
const pod = (containers: readonly ContainerIdentity[], labels: PodLabels | null = null) => ({
  ...{ podUid: UID, namespace: 'shop', pod: 'web-1', containers, labels },
});
const nameOf = (id: string) => workloadName(workloadOf(`/kubepods/pod${UID}/${id}`, model.pods));

describe('the names of pods', () => {
  it('that run already are told at the start, once', async () => {
    await startContainer('myapp', APP);
    await startContainer('vector', SIDECAR);
    begin();
    await expect.poll(() => told.length).toBe(1);
    expect(told[0]).toMatchObject({ namespace: 'shop', pod: 'web-1', podUid: UID, gone: false, tUs: model.nowUs });
    expect([nameOf(APP), nameOf(SIDECAR)]).toEqual([
      'container myapp of pod shop/web-1',
      'container vector of pod shop/web-1',
    ]);
  });

  it('are told when a container starts, when it starts again, and when the pod leaves', async () => {
    await mkdir(join(root, 'pods'));
    await mkdir(join(root, 'containers'));
    begin();
    await startContainer('myapp', APP);
    await expect.poll(() => nameOf(APP)).toBe('container myapp of pod shop/web-1');
    await rm(join(root, 'containers', `web-1_shop_myapp-${APP}.log`));
    await rm(join(root, 'pods', POD, 'myapp'), { recursive: true });
    await startContainer('myapp', SIDECAR);
    await expect.poll(() => nameOf(SIDECAR)).toBe('container myapp of pod shop/web-1');
    // A kill of the first one may still be told.
    expect(nameOf(APP)).toBe('container myapp of pod shop/web-1');
    await rm(join(root, 'containers', `web-1_shop_myapp-${SIDECAR}.log`));
    await rm(join(root, 'pods', POD), { recursive: true });
    await expect.poll(() => told.at(-1)?.gone).toBe(true);
    expect(nameOf(SIDECAR)).toBe('container myapp of pod shop/web-1');
  });

  it('are looked for at once after a kill that has none, though no change was noticed', async () => {
    begin();
    // Nothing is watched yet: the folders were not there.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await startContainer('myapp', APP);
    write(sampleVictim({ process: sampleProcess({ cgroupPath: `/kubepods/pod${UID}/${APP}` }) }));
    await expect.poll(() => nameOf(APP)).toBe('container myapp of pod shop/web-1');
  });

  it('are kept for so many containers of a pod, the newest', () => {
    const known = new KnownPods();
    for (let n = 0; n < MAX_CONTAINERS + 5; n++) known.update([pod([container(String(n))])]);
    expect([known.container(UID, '4'), known.container(UID, '5')?.name, known.has(UID)]).toEqual([null, 'myapp', true]);
    expect(known.update([pod([])])).toEqual([]);
  });

  it('lose nothing to a place that knows less', () => {
    const known = new KnownPods();
    const labels = { kept: [{ name: 'team', value: 'payments' }], leftOut: 0 };
    const full = { ...container(APP), image: 'shop:1', memoryLimitBytes: 1e6 };
    known.update([pod([full], labels), pod([container(APP)])]);
    expect(known.update([pod([container(APP)])])).toEqual([]);
    expect(known.container(UID, APP)).toEqual(full);
  });

  it('that nobody tells are told to be missing, with the reason, until somebody does', () => {
    const known = new KnownPods();
    const path = `/kubepods/pod${UID}/${APP}`;
    const pods = (news: object) => new Map([[UID, { topic: '/identity', tUs: 1, ...news } as IdentityEvent]]);
    const missing = known.giveUp(UID, APP, 'nobody knows it');
    expect(workloadOf(path, pods(missing))).toMatchObject({ pod: null, container: null, unnamed: 'nobody knows it' });
    // The pod is known, and the container is not.
    const [some] = known.update([pod([container(SIDECAR)])]);
    expect(some).toMatchObject({ pod: 'web-1', unnamed: 'nobody knows it' });
    expect(workloadName(workloadOf(path, pods(some ?? {})))).toBe(`container ${APP.slice(0, 12)} of pod shop/web-1`);
    const [all] = known.update([pod([container(APP)])]);
    expect(all).toMatchObject({ pod: 'web-1', unnamed: null });
    expect(workloadOf(path, pods(all ?? {}))?.unnamed).toBeNull();
    // When a pod left that was never found, nobody knows.
    known.giveUp('f'.repeat(32), null, 'nobody knows it');
    expect(known.update([pod([])])).toEqual([]);
  });
});
