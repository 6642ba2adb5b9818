import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { EXIT, OomscopeError } from '../../base/errors.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { Model } from '../../model/model.js';
import { FlightRecorder } from '../flight-recorder.js';
import type { Sink } from '../sink.js';
import { type AllowedHosts, allowedHosts, isLoopbackName, parsePublicUrl } from './allowed-hosts.js';
import { FanOut } from './fan-out.js';
import { httpRoutes } from './http.js';
import { loadPage } from './page-files.js';
import type { ReplayControls } from './replay-controls.js';
import { UpgradeDoor } from './upgrade.js';

export interface WebServerOptions {
  /** A loopback name or address. */
  readonly host: string;
  /** 0 = any that is free. */
  readonly port: number;
  /** Where people reach this server when its port is forwarded, like `http://127.0.0.1:8080`. */
  readonly publicUrl?: string | undefined;
  /** What plays; left out = this is live. */
  readonly replay?: ReplayControls | undefined;
  /** The built page. */
  readonly uiDir?: string | undefined;
}

export interface WebServer extends Sink {
  /** What a person opens, ending in a slash. */
  readonly url: string;
  /** To be called when the replay has changed: all clients are told how it stands. */
  replayChanged(): void;
}

const MAX_CONNECTIONS = 256;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_TIMEOUT_MS = 5_000;
const MAX_HEADER_BYTES = 8 * 1024;
const PING_INTERVAL_MS = 30_000;
const POSITION_INTERVAL_MS = 500;
/** How long a clean end waits for clients to say goodbye. */
const GOODBYE_MS = 500;

/** Resolves when it listens. Throws E_BAD_ADDRESS, E_PORT_TAKEN or E_USAGE, and then nothing is left open. */
export async function startWebServer(
  options: WebServerOptions,
  /** What clients get before what is live. */
  recorder = new FlightRecorder(),
): Promise<WebServer> {
  const host = listenAddress(options.host);
  const publicUrl = options.publicUrl === undefined ? null : parsePublicUrl(options.publicUrl);
  const page = loadPage(options.uiDir ?? fileURLToPath(new URL('../../ui', import.meta.url)));
  const fanOut = new FanOut(recorder);

  const http = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  });
  http.maxConnections = MAX_CONNECTIONS;
  const port = await listen(http, host, options.port);

  const allowed: AllowedHosts = allowedHosts(port, publicUrl);
  const door = new UpgradeDoor(fanOut, allowed, options.replay ?? null);
  http.on('request', httpRoutes({ allowed, page, model: () => fanOut.model }));
  http.on('upgrade', (request, socket, head) => door.handle(request, socket, head));
  const pings = setInterval(() => fanOut.checkAlive(), PING_INTERVAL_MS);
  pings.unref();
  const tellReplay = () => {
    const state = options.replay?.state ?? null;
    if (state !== null) fanOut.tellReplay(state);
  };
  // Clients let the position run on by themselves; this puts them right where the replay cannot keep up.
  const positions = setInterval(() => {
    if (options.replay?.state?.playing) tellReplay();
  }, POSITION_INTERVAL_MS);
  positions.unref();

  return {
    url: publicUrl === null ? `http://${host === '::1' ? '[::1]' : host}:${port}/` : publicUrl.href,
    write(events: readonly OomscopeEvent[], model: Model): void {
      fanOut.write(events, model);
    },
    restart(_state: readonly OomscopeEvent[], model: Model): void {
      fanOut.restart(model);
    },
    replayChanged: tellReplay,
    async close(): Promise<void> {
      clearInterval(pings);
      clearInterval(positions);
      fanOut.close();
      await closeServer(http, door);
    },
  };
}

/** Names are not looked up: what `localhost` means is not left to a resolver. */
function listenAddress(host: string): string {
  if (host === 'localhost') return '127.0.0.1';
  if (host === '::1' || host === '[::1]') return '::1';
  if (isLoopbackName(host)) return host;
  throw new OomscopeError(
    'E_BAD_ADDRESS',
    `The server does not listen on ${JSON.stringify(host)}: it has no login yet, so loopback addresses only.`,
    'Use 127.0.0.1 or ::1, and reach it from elsewhere through `ssh -L 7070:127.0.0.1:7070`.',
    EXIT.usage,
  );
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen({ host, port, exclusive: true }, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): OomscopeError {
  if (error.code === 'EADDRINUSE') {
    return new OomscopeError(
      'E_PORT_TAKEN',
      `Port ${port} on ${host} is in use.`,
      'End what uses it, or take another with --port (0 = any free one).',
      EXIT.failed,
      { cause: error },
    );
  }
  return new OomscopeError(
    'E_BAD_ADDRESS',
    `Cannot listen on ${host} port ${port}: ${error.message}.`,
    'Choose another address with --host or another port with --port.',
    EXIT.failed,
    { cause: error },
  );
}

function closeServer(server: Server, door: UpgradeDoor): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      door.terminateAll();
      server.closeAllConnections();
    }, GOODBYE_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
