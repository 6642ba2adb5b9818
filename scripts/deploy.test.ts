import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { ClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole';
import { ClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { CAPABILITIES } from '../src/sources/kernel/capabilities.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const text = (path: string) => readFileSync(join(root, path), 'utf8');

interface Container {
  readonly args: string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly securityContext: Record<string, unknown>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

interface PodSpec extends Record<string, unknown> {
  readonly containers: readonly [Container];
  readonly volumes: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
}

/** Each knows the OpenAPI schema that Kubernetes publishes. */
const KINDS: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  ClusterRole,
  ClusterRoleBinding,
  DaemonSet,
  Namespace,
  NetworkPolicy,
  Service,
  ServiceAccount,
};

function checkSchema(manifest: object): void {
  const kind = (manifest as Manifest).kind;
  const Model = KINDS[kind];
  if (Model === undefined) throw new Error(`no schema for ${kind}`);
  new Model(manifest as never).validate();
}

const kustomization = parse(text('deploy/kustomization.yaml')) as { resources: string[] };
const daemonSet = parse(text('deploy/daemonset.yaml')) as Manifest;
const pod = daemonSet.spec.template.spec;
const [container] = pod.containers;

interface PatchStep {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: unknown;
}

/** The DaemonSet as an overlay makes it: kustomize's JSON patches, as far as ours use them. */
function overlaid(overlay: string): Manifest {
  const { patches } = parse(text(`deploy/overlays/${overlay}/kustomization.yaml`)) as { patches: { patch: string }[] };
  const manifest = structuredClone(daemonSet);
  for (const { op, path, value } of patches.flatMap(({ patch }) => parse(patch) as PatchStep[])) {
    const keys = path.slice(1).split('/');
    const last = keys.pop() ?? '';
    const at = keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], manifest);
    if (Array.isArray(at) && last === '-') at.push(value);
    else {
      if (op === 'replace') expect(Object.keys(at as object), path).toContain(last);
      (at as Record<string, unknown>)[last] = value;
    }
  }
  return manifest;
}

describe('the manifests', () => {
  it.each(kustomization.resources)('%s is what the Kubernetes API takes', (file) => {
    expect(() => checkSchema(parse(text(`deploy/${file}`)) as object)).not.toThrow();
  });

  it('a manifest that the API would not take is noticed', () => {
    expect(() => checkSchema({ ...daemonSet, spec: { ...daemonSet.spec, selector: 'oomscope' } })).toThrow();
  });

  it.each(readdirSync(join(root, 'deploy/overlays')))('with the overlay %s they still are', (overlay) => {
    expect(() => checkSchema(overlaid(overlay))).not.toThrow();
  });

  it('with the overlay kube-api they get a token that may list pods and events, get a node, and nothing else', () => {
    const objects = ['rbac', 'networkpolicy'].flatMap((name) =>
      parseAllDocuments(text(`deploy/overlays/kube-api/${name}.yaml`)).map((document) => document.toJS() as object),
    );
    for (const object of objects) expect(() => checkSchema(object)).not.toThrow();
    const role = objects.find((object) => (object as Manifest).kind === 'ClusterRole') as { rules: object[] };
    expect(role.rules).toEqual([
      { apiGroups: [''], resources: ['pods', 'events'], verbs: ['list'] },
      { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
    ]);
    const { spec } = overlaid('kube-api').spec.template;
    expect(spec).toMatchObject({ automountServiceAccountToken: true, serviceAccountName: 'oomscope' });
    expect(spec.containers[0].args).toContain('--kube-api');
  });

  it('give exactly the capabilities that the code and the documents know', () => {
    const wanted = CAPABILITIES.map(({ name }) => name).toSorted();
    const { drop, add } = container.securityContext['capabilities'] as { drop: string[]; add: string[] };
    expect(drop).toEqual(['ALL']);
    expect(add.map((name) => `CAP_${name}`).toSorted()).toEqual(wanted);
    const documented = [...text('docs/security.md').matchAll(/^\| `(CAP_\w+)` \|/gm)].map((match) => match[1] ?? '');
    expect(documented.toSorted()).toEqual(wanted);
    const unit = /^CapabilityBoundingSet=(.*)$/m.exec(text('deploy/systemd/oomscope.service'))?.[1] ?? '';
    expect(unit.split(' ').toSorted()).toEqual(wanted);
  });

  it('are privileged in no other way, and promise what is used', () => {
    expect(container.securityContext).toMatchObject({
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod).toMatchObject({ hostPID: true, automountServiceAccountToken: false });
    for (const key of ['hostNetwork', 'hostIPC', 'serviceAccountName']) expect(pod).not.toHaveProperty(key);
    expect(container.resources.requests).toEqual(container.resources.limits);
    // Written to: the pins, and the incidents. No more of the host.
    const writable = container.volumeMounts.filter((mount) => mount.readOnly !== true).map((mount) => mount.name);
    expect(writable).toEqual(['bpffs', 'incidents']);
    expect(container.volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name));
  });

  it('run on every node and stay there when memory is short', () => {
    expect(pod).toMatchObject({ priorityClassName: 'system-node-critical', tolerations: [{ operator: 'Exists' }] });
    // A probe that asked the page's port would need the token.
    for (const name of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      expect(container, name).toMatchObject({ [name]: { httpGet: { port: 'probe' } } });
    }
    expect(container.args).toContain('--incidents-cap=256M');
    expect(container.volumeMounts).toContainEqual({ name: 'bpffs', mountPath: '/run/oomscope/bpf' });
  });

  it('say in the namespace what the pod needs, in the Service who is who, and let in who is marked', () => {
    expect(parse(text('deploy/namespace.yaml'))).toMatchObject({
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    });
    expect(parse(text('deploy/service.yaml'))).toMatchObject({ spec: { clusterIP: 'None' } });
    expect(parse(text('deploy/networkpolicy.yaml'))).toMatchObject({
      spec: {
        policyTypes: expect.arrayContaining(['Ingress']),
        ingress: expect.arrayContaining([
          expect.objectContaining({
            from: [{ namespaceSelector: { matchLabels: { 'oomscope-access': 'true' } } }],
            ports: [{ port: 'http' }],
          }),
        ]),
      },
    });
    // Nobody is given a right at the API server.
    expect(kustomization.resources.toSorted()).toEqual([
      'daemonset.yaml',
      'namespace.yaml',
      'networkpolicy.yaml',
      'service.yaml',
    ]);
  });

  // Loads most of the program, which takes its time on a busy machine.
  it('start oomscope as it takes it: each option exists, each path is mounted', { timeout: 60_000 }, async () => {
    const { liveCommand } = await import('../src/commands/live.js');
    const known = liveCommand().options.map((option) => option.long);
    const [command, ...options] = container.args;
    expect(command).toBe('live');
    const overlays = ['tls', 'cri'].flatMap((name) => overlaid(name).spec.template.spec.containers[0].args.slice(1));
    for (const argument of [...options, ...overlays, '--kube-api']) {
      expect(known).toContain(argument.split('=')[0]);
    }
    const mounted = container.volumeMounts.map(({ mountPath }) => mountPath);
    const paths = options.map((option) => option.split('=')[1] ?? '').filter((value) => value.startsWith('/'));
    for (const path of paths)
      expect(
        mounted.some((mount) => path === mount || path.startsWith(`${mount}/`)),
        path,
      ).toBe(true);
    const probe = options.find((option) => option.startsWith('--probe-address='));
    expect(container.ports.find(({ name }) => name === 'probe')?.containerPort).toBe(Number(probe?.split(':').at(-1)));
  });

  it("name the runtime's socket in its overlay alone, which says that it is root on the node", () => {
    const { containers, volumes } = overlaid('cri').spec.template.spec;
    const socket = containers[0].args.at(-1)?.replace('--cri=', '') ?? '';
    const mount = containers[0].volumeMounts.at(-1);
    // Its directory: of a socket that is made anew a mount would show the old one.
    expect(mount).toMatchObject({ mountPath: dirname(socket), readOnly: true, mountPropagation: 'HostToContainer' });
    expect(volumes.at(-1)).toEqual({ name: mount?.name, hostPath: { path: dirname(socket), type: 'Directory' } });
    expect(text('deploy/overlays/cri/kustomization.yaml')).toContain('ROOT ON THE NODE');
    expect(text('docs/kubernetes.md')).toContain('**That socket is root on the node**');
    const without = ['', 'overlays/tls/', 'overlays/privileged/', 'overlays/seccomp-localhost/'];
    const files = without.map((folder) => (folder === '' ? 'daemonset.yaml' : `${folder}kustomization.yaml`));
    for (const file of files) expect(text(`deploy/${file}`), file).not.toMatch(/containerd\.sock|--cri/);
  });

  it('the document names what is mounted, and no Secret with a token ships', () => {
    const document = text('docs/kubernetes.md');
    for (const { hostPath } of pod.volumes)
      if (hostPath !== undefined) expect(document).toContain(`\`${hostPath.path}\``);
    const files = readdirSync(join(root, 'deploy'), { recursive: true, encoding: 'utf8' });
    const yaml = files.filter((file) => file.endsWith('.yaml')).map((file) => text(join('deploy', file)));
    expect(yaml.join('\n')).not.toMatch(/^kind: Secret$/m);
  });
});
