import { describe, expect, it } from 'vitest';
import {
  calmKube,
  evictedKube,
  REPORT_PATH,
  REPORT_POD,
  WEB_ID,
  WEB_PATH,
  WEB_POD,
  webKill,
} from '../../test/support/kube-scene.js';
import { MIB, sampleCgroup, sampleIdentity } from '../../test/support/sample-events.js';
import { sceneSession } from '../../test/support/scenes.js';
import { visible } from '../base/escape.js';
import type { EpisodeEvent } from '../events/episode.js';
import type { KubeEvent } from '../events/kube.js';
import type { SessionEvent } from '../events/session.js';
import type { Culprit } from './culprit.js';
import { applyEvents, initialModel } from './fold.js';
import { incidentKube, kubeJson, kubePlace, NOTHING_TOLD, targetKube } from './kube-facts.js';
import type { Told } from './kube-told.js';
import { NO_PODS, withPod } from './pods.js';
import { victimFacts } from './victim-facts.js';

const KILL_US = 1_100_000_000;
const BEFORE_US = KILL_US - 20_000_000;
const SESSION = sceneSession();
const EPOCH_US = SESSION.anchorEpochUs ?? 0;

const REPORT_GREW = { kind: 'cgroup', process: null, growth: { path: REPORT_PATH } } as unknown as Culprit;
const NOBODY: Culprit = { kind: 'unknown', reason: 'no timeline' };

interface Scene {
  readonly culprit?: Culprit;
  readonly session?: SessionEvent;
  readonly episode?: Partial<EpisodeEvent>;
}

function scene(told: Told, { culprit = REPORT_GREW, session = SESSION, episode = {} }: Scene = {}) {
  const model = applyEvents(initialModel, [session, ...webKill(KILL_US, episode)]);
  const [incident] = model.incidents;
  if (incident === undefined) throw new Error('no kill');
  const kube = incidentKube(incident, culprit, { told, pods: model.pods, session });
  const rows = Object.fromEntries(victimFacts(incident, model.pods, kube));
  return { incident, kube, rows, without: Object.fromEntries(victimFacts(incident, model.pods)) };
}

const known = (...told: KubeEvent[]) => ({ told, pods: NO_PODS, session: SESSION });
const evicted = (tUs: number, saidUs: number, over: Partial<KubeEvent> = {}) =>
  evictedKube(tUs, saidUs, EPOCH_US, over);

describe('what the API server told of a kill', () => {
  it('is the owner of the pod, what its container requests and may use, and the same of who caused it', () => {
    const { rows } = scene([calmKube(BEFORE_US)]);
    expect(rows).toMatchObject({
      owner: 'ReplicaSet shop/web-5b8c7d9f4',
      memory: 'requests 128 MiB, limit 512 MiB (API server)',
      culprit: 'container report of Job batch/report-28412: requests 64 MiB, no limit (API server)',
    });
    expect(Object.keys(rows).filter((label) => label.length > 8)).toEqual([]);
    // It asked for memory as well: that is said once.
    expect(rows).not.toHaveProperty('trigger');
  });

  it('is told of who asked for memory where nobody is to blame', () => {
    const { rows } = scene([calmKube(BEFORE_US)], { culprit: NOBODY });
    expect(rows['trigger']).toMatch(/^container report of Job batch\/report-28412: /);
    expect(rows).not.toHaveProperty('culprit');
  });

  it('is nothing where it was not asked: no word more than without it', () => {
    const { kube, rows, without } = scene([]);
    expect(kube).toEqual(NOTHING_TOLD);
    expect(rows).toEqual(without);
    expect(kubeJson(kube)).toBeNull();
  });

  it('says a limit once where the container runtime says the same, and both where they differ', () => {
    expect(scene([]).rows['image']).toBe('registry.example/shop/web:1.25, made with a limit of 512 MiB');
    expect(scene([calmKube(BEFORE_US)]).rows['image']).toBe('registry.example/shop/web:1.25');
    const [container] = WEB_POD.containers;
    const raised = { ...WEB_POD, containers: container ? [{ ...container, limitBytes: 768 * MIB }] : [] };
    expect(scene([calmKube(BEFORE_US, { pods: [raised] })]).rows).toMatchObject({
      memory: 'requests 128 MiB, limit 768 MiB (API server); its cgroup had 512 MiB when it died',
      image: 'registry.example/shop/web:1.25, made with a limit of 512 MiB',
    });
  });

  it("takes the kernel's whole pages for the same limit, and no limit of a cgroup inside of the container", () => {
    const [container] = WEB_POD.containers;
    const odd = { ...WEB_POD, containers: container ? [{ ...container, limitBytes: 512 * MIB + 1000 }] : [] };
    expect(scene([calmKube(BEFORE_US, { pods: [odd] })]).rows['memory']).not.toContain('its cgroup');
    const victimCgroup = sampleCgroup({ path: `${WEB_PATH}/worker`, maxBytes: 5 * MIB });
    const { rows } = scene([calmKube(BEFORE_US)], { episode: { victimCgroup } });
    expect(rows['memory']).not.toContain('its cgroup');
  });

  it('says what is not set, and nothing of a container that is not known', () => {
    const bare = { ...WEB_POD, containers: [{ id: WEB_ID, name: 'nginx', requestBytes: null, limitBytes: null }] };
    const { rows } = scene([calmKube(BEFORE_US, { pods: [bare] })], {
      episode: { victimCgroup: sampleCgroup({ path: WEB_PATH, maxBytes: 'max' }) },
    });
    expect(rows['memory']).toBe('no request, no limit (API server)');
    const { rows: others } = scene([calmKube(BEFORE_US, { pods: [{ ...WEB_POD, containers: [] }] })]);
    expect(others).toMatchObject({ owner: 'ReplicaSet shop/web-5b8c7d9f4' });
    expect(others).not.toHaveProperty('memory');
  });

  it('names no owner where a person made the pod, and of a static pod its node', () => {
    expect(scene([calmKube(BEFORE_US, { pods: [{ ...WEB_POD, owner: null }] })]).rows).not.toHaveProperty('owner');
    const mirror = { ...WEB_POD, owner: { kind: 'Node', name: 'worker-7' } };
    expect(scene([calmKube(BEFORE_US, { pods: [mirror] })]).rows['owner']).toBe('Node worker-7');
  });

  it('hides nothing and moves nothing, whatever the names and words are', () => {
    const evil = '\x1b[2J\u202e\n<b>';
    const pod = { ...WEB_POD, namespace: evil, owner: { kind: evil, name: evil } };
    const report = { ...REPORT_POD, name: evil, namespace: evil, owner: { kind: evil, name: evil } };
    const [notice] = evicted(0, KILL_US).notices;
    if (notice === undefined) throw new Error('no notice');
    const { rows } = scene([
      calmKube(BEFORE_US, {
        pods: [pod, report],
        conditions: [{ type: 'MemoryPressure', status: 'true', reason: evil }],
        notices: [{ ...notice, namespace: evil, message: `x${evil}` }],
      }),
    ]);
    const words = Object.values(rows).join(' ');
    expect(words).toContain('\\x1b[2J\\u{202e}');
    expect(visible(words)).toBe(words);
    expect(Object.keys(rows)).toEqual(expect.arrayContaining(['owner', 'memory', 'culprit', 'evicted', 'pressure']));
  });
});

describe('of all that it told', () => {
  const renamed = (name: string): Partial<KubeEvent> => ({
    pods: [{ ...WEB_POD, owner: { kind: 'ReplicaSet', name } }],
  });
  const ownerAt = (...told: KubeEvent[]) => kubePlace(WEB_PATH, KILL_US, known(...told))?.pod.owner?.name;

  it('what was told last before the kill counts, else what was told first after it', () => {
    const first = calmKube(BEFORE_US - 1, renamed('first'));
    const last = calmKube(BEFORE_US, renamed('last'));
    const after = calmKube(KILL_US + 1, renamed('after'));
    const later = calmKube(KILL_US + 2, renamed('later'));
    expect(ownerAt(first, last, after, later)).toBe('last');
    expect(ownerAt(after, later)).toBe('after');
  });

  it('a pod that was gone, or not there yet, is found where it was told', () => {
    const gone: Partial<KubeEvent> = { pods: [] };
    expect(ownerAt(calmKube(BEFORE_US - 1, renamed('was')), calmKube(BEFORE_US, gone))).toBe('was');
    expect(ownerAt(calmKube(BEFORE_US, gone), calmKube(KILL_US + 1, renamed('came')))).toBe('came');
    expect(ownerAt(calmKube(BEFORE_US, gone), calmKube(KILL_US + 1, gone))).toBeUndefined();
  });

  it('a pod of the same name with another uid is another pod', () => {
    const other = { ...WEB_POD, uid: REPORT_POD.uid, containers: [] };
    expect(kubePlace(WEB_PATH, KILL_US, known(calmKube(BEFORE_US, { pods: [other] })))).toBeNull();
  });

  it('a container that was started again is found by its name', () => {
    const containers = [{ id: WEB_ID, name: 'nginx', image: null, memoryLimitBytes: null }];
    const pods = withPod(NO_PODS, sampleIdentity({ podUid: WEB_POD.uid, containers }));
    const [container] = WEB_POD.containers;
    const again = { ...WEB_POD, containers: container ? [{ ...container, id: 'c'.repeat(64) }] : [] };
    const told = [calmKube(BEFORE_US, { pods: [again] })];
    expect(kubePlace(WEB_PATH, KILL_US, { told, pods, session: SESSION })?.container?.name).toBe('nginx');
    // Without its name nobody knows which of the pod's it was.
    expect(kubePlace(WEB_PATH, KILL_US, { told, pods: NO_PODS, session: SESSION })?.container).toBeNull();
  });

  it('a container outside of kubepods is found by its id', () => {
    const path = `/system.slice/docker-${WEB_ID}.scope`;
    expect(kubePlace(path, KILL_US, known(calmKube(BEFORE_US)))?.pod.name).toBe(WEB_POD.name);
    expect(kubePlace('/system.slice/sshd.service', KILL_US, known(calmKube(BEFORE_US)))).toBeNull();
    expect(kubePlace(null, KILL_US, known(calmKube(BEFORE_US)))).toBeNull();
  });
});

describe('what kubelet and the node said', () => {
  const sentence =
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 81244Ki. Container nginx was using 411Mi, request is 128Mi, has larger consumption of memory';

  it('is an eviction of that pod next to the kill, with how long before or after', () => {
    const evictedRow = (saidUs: number) => scene([evicted(KILL_US + 1, saidUs)]).rows['evicted'];
    expect(evictedRow(KILL_US - 12_000_000)).toBe(`by kubelet, 12 s before the kill: ${sentence}`);
    expect(evictedRow(KILL_US + 75_000_000)).toBe(`by kubelet, 1 min 15 s after the kill: ${sentence}`);
    expect(evictedRow(KILL_US + 400_000)).toBe(`by kubelet, in the second of the kill: ${sentence}`);
  });

  it('is no eviction of another pod, of another hour, of another kind, nor where nobody knows the time', () => {
    const [notice] = evicted(0, KILL_US).notices;
    if (notice === undefined) throw new Error('no notice');
    for (const over of [
      { name: 'web-2' },
      { namespace: 'batch' },
      { kind: 'Node' },
      { reason: 'Killing' },
      { atUs: notice.atUs - 600_000_000 },
    ]) {
      expect(scene([calmKube(BEFORE_US, { notices: [{ ...notice, ...over }] })]).kube.eviction).toBeNull();
    }
    const undated = scene([evicted(BEFORE_US, KILL_US)], { session: sceneSession({ anchorEpochUs: null }) });
    expect(undated.kube.eviction).toBeNull();
  });

  it('is MemoryPressure where it was true when the kill came, or was told within a minute after it', () => {
    const pressure = (...told: KubeEvent[]) => scene(told).rows['pressure'];
    const reported = 'the node reported MemoryPressure';
    expect(pressure(evicted(BEFORE_US, 0))).toBe(`${reported} when the kill came`);
    expect(pressure(calmKube(BEFORE_US), evicted(KILL_US + 20_000_000, 0))).toBe(
      `${reported}, first told 20 s after the kill`,
    );
    expect(pressure(calmKube(BEFORE_US), evicted(KILL_US + 90_000_000, 0))).toBeUndefined();
    // It had ended before; it is not known, since nobody answered; nobody knows yet.
    expect(pressure(evicted(BEFORE_US - 1, 0), calmKube(BEFORE_US))).toBeUndefined();
    expect(pressure(evicted(BEFORE_US, 0, { obstacle: 'HTTP 403' }))).toBeUndefined();
    const unknown = [{ type: 'MemoryPressure', status: 'unknown', reason: 'NodeStatusUnknown' }] as const;
    expect(pressure(evicted(BEFORE_US, 0, { conditions: unknown }))).toBeUndefined();
  });

  it('is told of what user space killed as well', () => {
    const facts = targetKube(WEB_PATH, KILL_US, known(evicted(KILL_US + 20_000_000, KILL_US)));
    expect(kubeJson(facts)).toMatchObject({
      victim: { namespace: 'shop', owner: { kind: 'ReplicaSet' }, container: { name: 'nginx', limitBytes: 512 * MIB } },
      culprit: null,
      eviction: { afterUs: 0 },
      memoryPressure: { reason: 'KubeletHasInsufficientMemory', afterUs: 20_000_000 },
    });
  });
});
