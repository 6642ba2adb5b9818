// Runs in a guest. Does with a container runtime what kubelet does, through the same socket: a line of JSON on stdin, one on stdout.
//   {id, deed: "run", of: POD}            → {id, sandbox, containers: {name: id}}; all are made before the first one starts
//   {id, deed: "remove", of: sandbox}     → {id}; with its containers
//   what the runtime refuses              → {id, error: why}
// POD: {uid, namespace, name, cgroup, labels, logs, image, containers: [{name, command, limitBytes}]}
import { mkdirSync, symlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

const [socket] = process.argv.slice(2);
const proto = protobuf.loadSync(new URL('cri.proto', import.meta.url).pathname);
const client = new Client(`unix:${socket}`, credentials.createInsecure());

/** @param {string} method @param {object} fields */
function ask(method, fields) {
  const { requestType, responseType } = proto.lookupService('runtime.v1.RuntimeService').methods[method];
  const [Request, Response] = [requestType, responseType].map((name) => proto.lookupType(`runtime.v1.${name}`));
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest(
      `/runtime.v1.RuntimeService/${method}`,
      (message) => Buffer.from(Request.encode(message).finish()),
      (bytes) => Response.decode(bytes),
      Request.fromObject(fields),
      // After the runtime's restart a call waits for the new connection, as kubelet's do.
      new Metadata({ waitForReady: true }),
      { deadline: Date.now() + 60_000 },
      (error, answer) => (error ? reject(error) : resolve(answer)),
    ),
  );
}

/** @param {any} pod @param {number} attempt  a pod that is run again is another one to the runtime */
async function run(pod, attempt) {
  const { uid, namespace, name, logs } = pod;
  const labels = {
    'io.kubernetes.pod.name': name,
    'io.kubernetes.pod.namespace': namespace,
    'io.kubernetes.pod.uid': uid,
  };
  const folder = `${logs}/pods/${namespace}_${name}_${uid}`;
  const sandboxConfig = {
    metadata: { name, uid, namespace, attempt },
    logDirectory: folder,
    labels: { ...labels, ...pod.labels },
    linux: { cgroupParent: pod.cgroup, securityContext: { sandboxOptions: { network: 2, pid: 1 } } },
  };
  const { podSandboxId } = await ask('RunPodSandbox', { config: sandboxConfig });
  const ids = {};
  for (const container of pod.containers) {
    mkdirSync(`${folder}/${container.name}`, { recursive: true });
    const config = {
      metadata: { name: container.name, attempt },
      image: { image: pod.image },
      command: container.command,
      labels: { ...labels, 'io.kubernetes.container.name': container.name },
      logPath: `${container.name}/0.log`,
      linux: {
        resources: { memoryLimitInBytes: container.limitBytes ?? 0 },
        securityContext: { containerOptions: { network: 2, pid: 1 } },
      },
    };
    const { containerId } = await ask('CreateContainer', { podSandboxId, config, sandboxConfig });
    ids[container.name] = containerId;
    if (logs === '/var/log') {
      mkdirSync('/var/log/containers', { recursive: true });
      const link = `/var/log/containers/${name}_${namespace}_${container.name}-${containerId}.log`;
      symlinkSync(`${folder}/${container.name}/0.log`, link);
    }
  }
  for (const container of pod.containers) await ask('StartContainer', { containerId: ids[container.name] });
  return { sandbox: podSandboxId, containers: ids };
}

const deeds = {
  run,
  remove: async (podSandboxId) => {
    // Refused while a container of it ends by itself: kubelet comes again, too.
    for (let left = 20; ; left--) {
      const refused = await ask('StopPodSandbox', { podSandboxId }).then(
        () => null,
        (error) => error,
      );
      if (refused === null) break;
      if (left === 0) throw refused;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await ask('RemovePodSandbox', { podSandboxId });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, deed, of } = JSON.parse(line);
  const answer = await deeds[deed](of, id).catch((error) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify({ id, ...answer })}\n`);
}
