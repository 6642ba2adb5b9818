import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { runtime } from '../../src/identity/cri/proto.js';

const v1 = runtime.v1;
export type CriContainer = runtime.v1.Container.$Properties;
export type CriSandbox = runtime.v1.PodSandbox.$Properties;

/** A container runtime that answers what a test tells it to, at a socket of its own. */
export class FakeCri {
  containers: CriContainer[] = [];
  sandboxes: CriSandbox[] = [];
  limits: Readonly<Record<string, number>> = {};
  /** Answers nothing any more, and keeps the connection. */
  hangs = false;
  /** Answers this in place of its list of containers. */
  rubbish: Uint8Array | null = null;
  /** Names of the methods that were called. */
  readonly calls: string[] = [];
  #server: Server | null = null;

  private constructor(private readonly directory: string) {}

  static async make(): Promise<FakeCri> {
    return new FakeCri(await mkdtemp(join(tmpdir(), 'oomscope-cri-')));
  }

  get socket(): string {
    return join(this.directory, 'cri.sock');
  }

  async start(): Promise<void> {
    const server = new Server();
    const method = <Q>(name: string, decode: (bytes: Uint8Array) => Q) => ({
      path: `/runtime.v1.RuntimeService/${name}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
      requestDeserialize: decode,
      responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
      responseDeserialize: (bytes: Buffer): Uint8Array => bytes,
    });
    const answer =
      <Q>(name: string, make: (request: Q) => Uint8Array | null) =>
      (call: { request: Q }, done: (error: { code: status; details: string } | null, bytes?: Uint8Array) => void) => {
        this.calls.push(name);
        if (this.hangs) return;
        const bytes = make(call.request);
        if (bytes === null) done({ code: status.NOT_FOUND, details: 'no such container' });
        else done(null, bytes);
      };
    server.addService(
      {
        listContainers: method('ListContainers', (bytes) => v1.ListContainersRequest.decode(bytes)),
        listPodSandbox: method('ListPodSandbox', (bytes) => v1.ListPodSandboxRequest.decode(bytes)),
        containerStatus: method('ContainerStatus', (bytes) => v1.ContainerStatusRequest.decode(bytes)),
      },
      {
        listContainers: answer(
          'ListContainers',
          () => this.rubbish ?? v1.ListContainersResponse.encode({ containers: this.containers }).finish(),
        ),
        listPodSandbox: answer('ListPodSandbox', () =>
          v1.ListPodSandboxResponse.encode({ items: this.sandboxes }).finish(),
        ),
        containerStatus: answer('ContainerStatus', (request: runtime.v1.ContainerStatusRequest.$Properties) =>
          this.#status(request.containerId ?? ''),
        ),
      },
    );
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix:${this.socket}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
    this.#server = server;
  }

  /** As a runtime ends that is started anew: its connections break, and its socket goes. */
  async stop(): Promise<void> {
    this.#server?.forceShutdown();
    this.#server = null;
    await rm(this.socket, { force: true });
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.directory, { recursive: true });
  }

  #status(id: string): Uint8Array | null {
    if (!this.containers.some((container) => container.id === id)) return null;
    const memoryLimitInBytes = this.limits[id];
    const linux = memoryLimitInBytes === undefined ? {} : { memoryLimitInBytes };
    return v1.ContainerStatusResponse.encode({ status: { resources: { linux } } }).finish();
  }
}
