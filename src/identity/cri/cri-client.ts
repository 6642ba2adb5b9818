import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { OomscopeError } from '../../base/errors.js';
import { runtime } from './proto.js';

const v1 = runtime.v1;
const SERVICE = '/runtime.v1.RuntimeService';
/** A runtime answers within milliseconds; one that needs longer has other troubles, and names can wait. */
const ANSWER_WITHIN_MS = 2_000;
/** As much as kubelet takes: a node with hundreds of pods, each with annotations that nobody reads here. */
const ANSWER_MAX_BYTES = 16 * 2 ** 20;

/** What a generated message class can do. */
interface Message<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

/**
 * One connection to a container runtime. It lists and reads, and does nothing else: no event stream, since a containerd before
 * 1.7 gives each event to one of its subscribers only, and kubelet would miss those that came here. Every method
 * throws an OomscopeError of the E_CRI family.
 */
export class CriClient {
  readonly #client: Client;
  /** Of the call that is under way. */
  #cancel: () => void = () => {};

  constructor(private readonly socket: string) {
    this.#client = new Client(`unix:${socket}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': ANSWER_MAX_BYTES,
      // A later look shall find out anew whether the socket is there, and not wait for this one's turn to try again.
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** All there are, also those that have ended and were not removed yet. */
  async listContainers(): Promise<runtime.v1.Container.$Properties[]> {
    return (
      (await this.#ask('ListContainers', v1.ListContainersRequest, {}, v1.ListContainersResponse)).containers ?? []
    );
  }

  async listPodSandboxes(): Promise<runtime.v1.PodSandbox.$Properties[]> {
    return (await this.#ask('ListPodSandbox', v1.ListPodSandboxRequest, {}, v1.ListPodSandboxResponse)).items ?? [];
  }

  /** Null = it has none, or this runtime does not tell. Not the verbose answer, which would: it holds the environment too. */
  async memoryLimitBytes(containerId: string): Promise<number | null> {
    const request = { containerId };
    const answer = await this.#ask('ContainerStatus', v1.ContainerStatusRequest, request, v1.ContainerStatusResponse);
    const bytes = answer.status?.resources?.linux?.memoryLimitInBytes ?? 0;
    return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : null;
  }

  close(): void {
    this.#cancel();
    this.#client.close();
  }

  #ask<Request, Answer>(
    method: string,
    requests: Pick<Message<Request>, 'encode'>,
    request: Request,
    answers: Pick<Message<Answer>, 'decode'>,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest<Request, Answer>(
        `${SERVICE}/${method}`,
        (message) => Buffer.from(requests.encode(message).finish()),
        (bytes) => answers.decode(bytes),
        request,
        new Metadata(),
        { deadline: Date.now() + ANSWER_WITHIN_MS },
        (error, answer) => {
          if (error !== null || answer === undefined) reject(criError(this.socket, error));
          else resolve(answer);
        },
      );
      this.#cancel = () => call.cancel();
    });
  }
}

function criError(socket: string, error: ServiceError | null): OomscopeError {
  const details = error?.details ?? 'no answer';
  const path = JSON.stringify(socket);
  switch (error?.code) {
    case status.UNAVAILABLE:
      return new OomscopeError(
        'E_CRI_UNREACHABLE',
        `No container runtime can be reached at ${path} (${details}).`,
        'Check that it runs, and that the socket is the one kubelet uses and may be opened here.',
        undefined,
        { cause: error },
      );
    case status.DEADLINE_EXCEEDED:
      return new OomscopeError(
        'E_CRI_SLOW',
        `The container runtime at ${path} did not answer within ${ANSWER_WITHIN_MS / 1000} s.`,
        'Look at its log; it is asked again.',
        undefined,
        { cause: error },
      );
    default:
      return new OomscopeError(
        'E_CRI_BAD_ANSWER',
        `What answers at ${path} is no container runtime as it is expected (${details}).`,
        'Check that the socket is the one kubelet uses, and that the runtime speaks runtime.v1 (containerd 1.6, CRI-O 1.23 or later).',
        undefined,
        { cause: error },
      );
  }
}
