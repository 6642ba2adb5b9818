import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { PROJECT_ROOT } from '../../../src/lab/project.js';
import type { Vm } from './vm.js';
import type { VmProcess } from './vm-process.js';

/** What deploy/daemonset.yaml asks for, as far as a container runtime needs it. */
export interface PodManifest {
  readonly args: readonly string[];
  readonly capabilities: readonly string[];
  readonly memoryBytes: number;
  readonly mounts: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  /** A seccomp profile in a file, for type Localhost; else the runtime's own. */
  readonly seccompProfile?: string;
}

/** As the runtime hands it to runc. */
export interface SeccompProfile {
  readonly defaultAction: string;
  readonly architectures: readonly string[];
  readonly syscalls: readonly { readonly names: readonly string[]; readonly action: string; readonly args?: unknown }[];
}

interface Container {
  readonly args: string[];
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly securityContext: { readonly capabilities: { readonly add: string[] } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

export function readPodManifest(): PodManifest {
  const text = readFileSync(join(PROJECT_ROOT, 'deploy/daemonset.yaml'), 'utf8');
  const manifest = parse(text) as {
    spec: { template: { spec: { containers: [Container]; volumes: { name: string; hostPath?: { path: string } }[] } } };
  };
  const { containers, volumes } = manifest.spec.template.spec;
  const [{ args, resources, securityContext, volumeMounts }] = containers;
  return {
    args,
    capabilities: securityContext.capabilities.add.map((name) => `CAP_${name}`),
    memoryBytes: Number.parseInt(resources.limits.memory, 10) * 2 ** 20,
    mounts: volumeMounts.flatMap(({ name, mountPath, readOnly = false }) => {
      const source = volumes.find((volume) => volume.name === name)?.hostPath?.path;
      // The Secret is optional, and there is none.
      return source === undefined ? [] : [{ source, target: mountPath, readOnly }];
    }),
  };
}

const SOCKET = '/run/containerd-test/containerd.sock';
const ROOT_FS = '/run/containerd-test/rootfs';
/** What containerd gives without being asked. */
const DEFAULT_CAPABILITIES =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE';

/** A real containerd in the guest. Its containers have the guest's own files for an image. */
export class Containerd {
  private constructor(
    private readonly vm: Vm,
    private readonly daemon: VmProcess,
  ) {}

  static async start(vm: Vm): Promise<Containerd> {
    const config = `version = 2
root = "/run/containerd-test/root"
state = "/run/containerd-test/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "${SOCKET}"
`;
    await vm.succeed(
      `mkdir -p ${ROOT_FS} && mount --bind / ${ROOT_FS} && echo +memory > /sys/fs/cgroup/cgroup.subtree_control`,
    );
    await vm.writeFile('/run/containerd-test/config.toml', config);
    const daemon = vm.spawn(['containerd', '--config', '/run/containerd-test/config.toml']);
    await vm.succeed(`until ctr -a ${SOCKET} version >/dev/null 2>&1; do sleep 0.3; done`);
    return new Containerd(vm, daemon);
  }

  /** A container as kubelet would have it made from the manifest: the runtime's own seccomp and AppArmor profiles. */
  run(name: string, { args, capabilities, memoryBytes, mounts, seccompProfile }: PodManifest): VmProcess {
    const node = process.execPath;
    const project = [PROJECT_ROOT, dirname(node)].map((path) => ({ source: path, target: path, readOnly: true }));
    return this.vm.spawn([
      ...['ctr', '-a', SOCKET, 'run', '--rm', '--rootfs', '--read-only', '--net-host'],
      ...['--seccomp', '--apparmor-default-profile', 'cri-containerd.apparmor.d'],
      ...(seccompProfile === undefined ? [] : ['--seccomp-profile', seccompProfile]),
      // hostPID: true
      ...['--with-ns', 'pid:/proc/1/ns/pid'],
      ...DEFAULT_CAPABILITIES.split(' ').flatMap((capability) => ['--cap-drop', `CAP_${capability}`]),
      ...capabilities.flatMap((capability) => ['--cap-add', capability]),
      ...['--cgroup', `/kubepods/${name}`, '--memory-limit', String(memoryBytes)],
      ...[...mounts, ...project].flatMap(({ source, target, readOnly }) => [
        '--mount',
        `type=bind,src=${source},dst=${target},options=rbind:${readOnly ? 'ro' : 'rw'}`,
      ]),
      ...['--cwd', PROJECT_ROOT, ROOT_FS, name, node, 'dist/cli.js', ...args],
    ]);
  }

  /** A container of a pod that runs a shell's script; to itself that shell is process 1. */
  runScript(name: string, cgroup: string, text: string): VmProcess {
    return this.vm.spawn([
      ...['ctr', '-a', SOCKET, 'run', '--rm', '--rootfs', '--read-only', '--net-host', '--cgroup', cgroup],
      ...[ROOT_FS, name, '/bin/bash', '-c', text],
    ]);
  }

  /** What a running container may call. */
  async seccompOf(name: string): Promise<SeccompProfile> {
    const info: unknown = JSON.parse(await this.vm.succeed(`ctr -a ${SOCKET} container info ${name}`));
    return (info as { Spec: { linux: { seccomp: SeccompProfile } } }).Spec.linux.seccomp;
  }

  /** As kubelet ends a container: SIGTERM first, SIGKILL when its grace period is over. */
  async end(name: string, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.vm.succeed(`ctr -a ${SOCKET} task kill -s ${signal} ${name}`);
  }

  async stop(): Promise<void> {
    this.daemon.kill('SIGTERM');
    await this.daemon.exited;
    await this.vm.exec(
      'cd /; for n in 1 2 3; do umount -R /run/containerd-test/rootfs; done; rm -rf /run/containerd-test; find /sys/fs/cgroup/kubepods -depth -type d -exec rmdir {} +',
    );
  }
}
