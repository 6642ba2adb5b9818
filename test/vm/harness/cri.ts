import { PROJECT_ROOT } from '../../../src/lab/project.js';
import type { Vm } from './vm.js';
import type { VmProcess } from './vm-process.js';

const HOME = '/run/cri-test';
const SOCKET = `${HOME}/containerd.sock`;
const REQUESTS = `${HOME}/requests`;
export const IMAGE = 'registry.example/lab:1';

// What writes is on tmpfs: the guest's root is read-only. Pods use the node's network, so there is no CNI.
const CONFIG = `version = 2
root = "${HOME}/root"
state = "${HOME}/state"
[grpc]
address = "${SOCKET}"
[plugins."io.containerd.internal.v1.opt"]
path = "${HOME}/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${IMAGE}"
disable_apparmor = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "${HOME}/cni/bin"
conf_dir = "${HOME}/cni/conf"
`;

/** A docker-archive with one static program in it, which is also what a sandbox runs: 64 KiB of memory, and no end. */
const MAKE_IMAGE = `
cd $(mktemp -d) && mkdir root && cp ${PROJECT_ROOT}/build/lab/hog root/ && tar -C root -cf layer.tar .
echo '{"architecture":"amd64","os":"linux","config":{"Entrypoint":["/hog","--anon","64K"]},"rootfs":{"type":"layers","diff_ids":["sha256:'$(sha256sum layer.tar | cut -d' ' -f1)'"]}}' > config.json
echo '[{"Config":"config.json","RepoTags":["${IMAGE}"],"Layers":["layer.tar"]}]' > manifest.json
tar -cf ${HOME}/image.tar manifest.json config.json layer.tar
`;

export interface PodSpec {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Its parent cgroup, below the cgroup mount. */
  readonly cgroup: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** /var/log, as kubelet has it; elsewhere oomscope does not see it. */
  readonly logs: string;
  readonly containers: readonly {
    readonly name: string;
    readonly command: readonly string[];
    readonly limitBytes?: number;
  }[];
}

export interface RunPod {
  readonly sandbox: string;
  readonly containers: Readonly<Record<string, string>>;
}

/** A real containerd with its CRI plugin, and somebody who uses it as kubelet does. */
export class CriRuntime {
  readonly socket = SOCKET;
  #asked = 0;

  private constructor(
    private readonly vm: Vm,
    private daemon: VmProcess,
    private readonly kubelet: VmProcess,
  ) {}

  static async start(vm: Vm): Promise<CriRuntime> {
    await vm.succeed(`mkdir -p ${HOME}/cni/bin ${HOME}/cni/conf && ${MAKE_IMAGE}`);
    await vm.writeFile(`${HOME}/config.toml`, CONFIG);
    await vm.succeed(`mkfifo ${REQUESTS}`);
    // Opened for both: so it has no end when a writer has gone.
    const kubelet = vm.spawn(['bash', '-c', `exec node test/vm/guest/kubelet.mjs ${SOCKET} <> ${REQUESTS}`]);
    const runtime = new CriRuntime(vm, startDaemon(vm), kubelet);
    await runtime.#untilReady();
    await vm.succeed(`ctr -a ${SOCKET} -n k8s.io images import ${HOME}/image.tar`);
    return runtime;
  }

  async run(pod: PodSpec): Promise<RunPod> {
    return (await this.#ask('run', { ...pod, image: IMAGE })) as RunPod;
  }

  async remove({ sandbox }: RunPod): Promise<void> {
    await this.#ask('remove', sandbox);
  }

  /** Its containers go on meanwhile. */
  async restart(): Promise<void> {
    await this.#endDaemon();
    this.daemon = startDaemon(this.vm);
    await this.#untilReady();
  }

  async stop(): Promise<void> {
    this.kubelet.kill('SIGTERM');
    await this.kubelet.exited;
    await this.#endDaemon();
    await this.vm.exec(
      `pkill -9 -f '[c]ontainerd-shim.*${HOME}'; cd /; for mount in $(grep -o '${HOME}[^ ]*' /proc/mounts | sort -r); do umount -l $mount; done; rm -rf ${HOME}`,
    );
  }

  async #endDaemon(): Promise<void> {
    this.daemon.kill('SIGTERM');
    await this.daemon.exited;
  }

  async #ask(deed: string, of: unknown): Promise<unknown> {
    const id = ++this.#asked;
    await this.vm.succeed(`cat > ${REQUESTS} <<'END'\n${JSON.stringify({ id, deed, of })}\nEND`);
    const answer = JSON.parse(await this.kubelet.line((line) => JSON.parse(line).id === id)) as { error?: string };
    if (answer.error !== undefined) throw new Error(`${deed}: ${answer.error}`);
    return answer;
  }

  /** The CRI plugin comes a moment after the rest. */
  async #untilReady(): Promise<void> {
    await this.vm.succeed(
      `until ctr -a ${SOCKET} plugins ls 2>/dev/null | grep -E 'grpc.v1 +cri .* ok'; do sleep 0.3; done`,
    );
  }
}

function startDaemon(vm: Vm): VmProcess {
  return vm.spawn(['containerd', '--config', `${HOME}/config.toml`]);
}
