import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds the connections of a server. The newest is welcome: the one that has idled longest goes for it, so that
 * thousands who only connect keep nobody out. A connection that asks or listens is no idler.
 */
export class ConnectionLimit {
  /** Oldest first. */
  readonly #idle = new Set<Socket>();
  readonly #busy = new Set<Socket>();

  constructor(
    server: Server,
    private readonly max: number,
  ) {
    // For TLS too: the connection before its handshake counts.
    server.on('connection', (socket: Socket) => this.#welcome(socket));
    server.on('request', (request, response) => {
      this.#begin(request.socket);
      response.once('close', () => this.#end(request.socket));
    });
    server.on('upgrade', (request) => this.#begin(request.socket));
  }

  get count(): number {
    return this.#idle.size + this.#busy.size;
  }

  #welcome(socket: Socket): void {
    this.#idle.add(socket);
    socket.once('close', () => {
      this.#idle.delete(socket);
      this.#busy.delete(socket);
    });
    if (this.count <= this.max) return;
    const [idler] = this.#idle;
    idler?.destroy();
  }

  #begin(socket: Socket): void {
    const own = this.#connectionOf(socket);
    if (own === null) return;
    this.#idle.delete(own);
    this.#busy.add(own);
  }

  #end(socket: Socket): void {
    const own = this.#connectionOf(socket);
    if (own === null || !this.#busy.delete(own)) return;
    this.#idle.add(own);
  }

  /** A request over TLS has a socket of its own above the connection's. */
  #connectionOf(socket: Socket): Socket | null {
    if (this.#idle.has(socket) || this.#busy.has(socket)) return socket;
    const below: unknown = Reflect.get(socket, '_parent');
    return isSocketOf(below, this.#idle) || isSocketOf(below, this.#busy) ? below : null;
  }
}

function isSocketOf(value: unknown, sockets: ReadonlySet<Socket>): value is Socket {
  return sockets.has(value as Socket);
}
