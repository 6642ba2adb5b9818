import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { OomscopeError } from '../../base/errors.js';
import type { Access } from './access.js';
import type { AllowedHosts } from './allowed-hosts.js';
import { CLOSE, type Client, type ClientSocket } from './client.js';
import { CommandGate } from './command-gate.js';
import type { FanOut } from './fan-out.js';
import { BAD_HOST_LINE, BAD_ORIGIN_LINE, pathOf } from './http.js';
import { MUST_WAIT_LINE, NO_TOKEN_LINE } from './login.js';
import type { ReplayControls } from './replay-controls.js';

export const SUBPROTOCOL = 'oomscope.v1';

export const MAX_CLIENTS = 64;
/** Commands of a replay are short; to a live server clients have nothing to say. */
const MAX_MESSAGE_BYTES = 1024;

const BAD_MESSAGE_LINE = 'E_BAD_MESSAGE: this server takes no messages from clients';

/** Gives a reason where `ws` closes by itself over bytes that are no WebSocket message. */
class ReasonedWebSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    const isProtocolError = code !== undefined && reason === undefined;
    super.close(code, isProtocolError ? 'E_BAD_MESSAGE: that is no WebSocket message for this server' : reason);
  }
}

/** The WebSocket's door: who may come in, and what happens to those who talk. */
export class UpgradeDoor {
  readonly #fanOut: FanOut;
  readonly #allowed: AllowedHosts;
  readonly #replay: ReplayControls | null;
  readonly #access: Access;
  readonly #webSockets = new Set<WebSocket>();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Compression would cost CPU on the node that is being watched, for a loopback.
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => SUBPROTOCOL,
    WebSocket: ReasonedWebSocket,
  });

  /** `replay` hears commands; null = this is live, and clients have nothing to say. */
  constructor(
    fanOut: FanOut,
    { allowed, access }: { readonly allowed: AllowedHosts; readonly access: Access },
    replay: ReplayControls | null,
  ) {
    this.#fanOut = fanOut;
    this.#allowed = allowed;
    this.#access = access;
    this.#replay = replay;
  }

  /** For the http server's 'upgrade' event. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refuse(request);
    if (refusal !== null) {
      refuseUpgrade(socket, refusal.status, refusal.line);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#welcome(webSocket));
  }

  #refuse(request: IncomingMessage): { status: string; line: string } | null {
    const { host, origin } = request.headers;
    if (!this.#allowed.host(host)) return { status: '403 Forbidden', line: BAD_HOST_LINE };
    if (!this.#allowed.origin(origin, host)) return { status: '403 Forbidden', line: BAD_ORIGIN_LINE };
    const admission = this.#access.admit(request);
    if (admission === 'must-wait') return { status: '429 Too Many Requests', line: MUST_WAIT_LINE };
    if (admission === 'unknown') return { status: '401 Unauthorized', line: NO_TOKEN_LINE };
    if (pathOf(request) !== '/ws') {
      return { status: '404 Not Found', line: 'There is no WebSocket here. Connect to /ws.' };
    }
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (!offered.includes(SUBPROTOCOL)) {
      return { status: '400 Bad Request', line: `E_BAD_MESSAGE: This server speaks subprotocol ${SUBPROTOCOL} only.` };
    }
    if (this.#fanOut.clientCount >= MAX_CLIENTS) {
      return {
        status: '503 Service Unavailable',
        line: `E_TOO_MANY_CLIENTS: ${MAX_CLIENTS} clients are connected already. Close one of them.`,
      };
    }
    return null;
  }

  #welcome(webSocket: WebSocket): void {
    // Without a listener an error of one client would end the process. 'close' follows and does what there is to do.
    webSocket.on('error', () => {});
    const client = this.#fanOut.add(asClientSocket(webSocket));
    const gate = new CommandGate();
    webSocket.on('message', (data: Buffer, isBinary) => this.#hear(client, gate, data, isBinary));
    webSocket.on('pong', () => client.markAlive());
    this.#webSockets.add(webSocket);
    webSocket.on('close', () => {
      this.#webSockets.delete(webSocket);
      this.#fanOut.remove(client);
    });
  }

  #hear(client: Client, gate: CommandGate, data: Buffer, isBinary: boolean): void {
    if (this.#replay === null) {
      client.close(CLOSE.unsupportedData, BAD_MESSAGE_LINE);
      return;
    }
    try {
      this.#replay.obey(gate.check(data, isBinary, performance.now()));
    } catch (error) {
      if (!(error instanceof OomscopeError)) throw error;
      client.close(CLOSE.unsupportedData, closeReason(error));
    }
  }

  /** Ends those who did not answer a goodbye. */
  terminateAll(): void {
    for (const webSocket of this.#webSockets) webSocket.terminate();
  }
}

function asClientSocket(webSocket: WebSocket): ClientSocket {
  return {
    get bufferedAmount() {
      return webSocket.bufferedAmount;
    },
    send: (frame, done) => webSocket.send(frame, { binary: true }, done),
    ping: () => {
      if (webSocket.readyState === WebSocket.OPEN) webSocket.ping();
    },
    close: (code, reason) => webSocket.close(code, reason),
    terminate: () => webSocket.terminate(),
  };
}

/** RFC 6455, 5.5.1: a reason has 123 bytes at most. */
function closeReason({ code, message }: OomscopeError): string {
  return Buffer.from(`${code}: ${message}`)
    .subarray(0, 123)
    .toString()
    .replace(/\uFFFD+$/, '');
}

function refuseUpgrade(socket: Duplex, status: string, line: string): void {
  // The other end may be gone already; nobody is left to tell.
  socket.on('error', () => {});
  // An http server's sockets stay half open after end().
  socket.once('finish', () => socket.destroy());
  const body = `${line}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `X-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
