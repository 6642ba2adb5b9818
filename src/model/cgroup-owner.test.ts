import { describe, expect, it } from 'vitest';
import { cgroupOwner } from './cgroup-owner.js';

const ID = '5f0c6f3f9a2f4d4b8a3a6a1f0e9d8c7b6a5948372615049382716a5b4c3d2e1f';
const UID = '3f1c9a52-7d1e-4a0b-9c55-0123456789ab';
const IN_SLICE = UID.replaceAll('-', '_');
/** Of a static pod: a hash. */
const STATIC = '0123456789abcdef0123456789abcdef';

const CASES: readonly [about: string, path: string, uid: string | null, qos: string | null, runtime: string | null][] =
  [
    [
      'systemd driver, containerd',
      `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${IN_SLICE}.slice/cri-containerd-${ID}.scope`,
      UID,
      'burstable',
      'containerd',
    ],
    [
      'systemd driver, CRI-O, with the cgroup that it makes below',
      `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${IN_SLICE}.slice/crio-${ID}.scope/container`,
      UID,
      'besteffort',
      'cri-o',
    ],
    [
      'systemd driver, Docker, guaranteed',
      `/kubepods.slice/kubepods-pod${IN_SLICE}.slice/docker-${ID}.scope`,
      UID,
      'guaranteed',
      'docker',
    ],
    ['cgroupfs driver, which does not name the runtime', `/kubepods/burstable/pod${UID}/${ID}`, UID, 'burstable', null],
    ['cgroupfs driver, guaranteed, CRI-O', `/kubepods/pod${UID}/crio-${ID}`, UID, 'guaranteed', 'cri-o'],
    ['cgroupfs driver, a static pod', `/kubepods/besteffort/pod${STATIC}/${ID}`, STATIC, 'besteffort', null],
    [
      'containerd on cgroupfs under a kubelet on systemd',
      `/system.slice/containerd.service/kubepods-burstable-pod${IN_SLICE}.slice:cri-containerd:${ID}`,
      UID,
      'burstable',
      'containerd',
    ],
    [
      'a node that is a container itself',
      `/system.slice/docker-${'0'.repeat(64)}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod${IN_SLICE}.slice/cri-containerd-${ID}.scope`,
      UID,
      'burstable',
      'containerd',
    ],
    [
      'a path whose outer parts are missing',
      `…/kubepods-burstable-pod${IN_SLICE}.slice/cri-containerd-${ID}.scope`,
      UID,
      'burstable',
      'containerd',
    ],
    ['Docker without Kubernetes, cgroupfs', `/docker/${ID}`, null, null, 'docker'],
    ['Docker without Kubernetes, systemd', `/system.slice/docker-${ID}.scope`, null, null, 'docker'],
    ['podman', `/machine.slice/libpod-${ID}.scope/container`, null, null, 'podman'],
  ];

describe('the owner of a cgroup stands in its path', () => {
  it.each(CASES)('%s', (_about, path, uid, qos, runtime) => {
    expect(cgroupOwner(path)).toEqual({
      pod: uid === null ? null : { uid, qos },
      container: { id: ID, runtime },
      unit: null,
    });
  });

  it("a pod's own cgroup, and one inside a container, belong to them", () => {
    const pod = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${IN_SLICE}.slice`;
    expect(cgroupOwner(pod)).toEqual({ pod: { uid: UID, qos: 'burstable' }, container: null, unit: null });
    const inner = cgroupOwner(`${pod}/cri-containerd-${ID}.scope/system.slice/nginx.service`);
    expect(inner).toEqual({
      pod: { uid: UID, qos: 'burstable' },
      container: { id: ID, runtime: 'containerd' },
      unit: 'nginx.service',
    });
  });

  it('outside Kubernetes it is a unit', () => {
    const unit = (path: string) => cgroupOwner(path).unit;
    expect(unit('/system.slice/legacy-agent.service')).toBe('legacy-agent.service');
    expect(unit('/system.slice/system-getty.slice/getty@tty1.service')).toBe('getty@tty1.service');
    expect(unit('/user.slice/user-1000.slice/user@1000.service/app.slice/shell.service')).toBe('shell.service');
    expect(unit('/user.slice/user-1000.slice/session-3.scope')).toBe('session-3.scope');
  });

  it('what only looks like a container is none', () => {
    for (const path of [
      '/',
      '',
      '/kubepods',
      '/kubepods.slice/kubepods-burstable.slice',
      `/lab/${ID}`,
      `/kubepods/burstable/pod${UID.slice(1)}`,
      `/kubepods.slice/kubepods-burstable-pod${IN_SLICE}.slice.evil`,
      `/system.slice/crio-conmon-${ID}.slice`,
    ]) {
      expect(cgroupOwner(path), path).toEqual({ pod: null, container: null, unit: null });
    }
    // The process that watches over a container is not in it.
    expect(cgroupOwner(`/kubepods/pod${UID}/crio-conmon-${ID}`).container).toBeNull();
  });
});
