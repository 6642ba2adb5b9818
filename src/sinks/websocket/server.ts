import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../base/package-root.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { Model } from '../../model/model.js';
import { FlightRecorder } from '../flight-recorder.js';
import type { Sink } from '../sink.js';
import { Access } from './access.js';
import { allowedHosts, parsePublicUrl } from './allowed-hosts.js';
import { ConnectionLimit } from './connection-limit.js';
import { badTls, type DoorOptions, openDoor, type TlsFiles } from './door.js';
import { FanOut } from './fan-out.js';
import { httpRoutes } from './http.js';
import type { MakeIncidentFile } from './incident-files.js';
import { hostAndPort, isLoopbackAddress, listen } from './listen.js';
import { loadPage } from './page-files.js';
import { type ProbeServer, startProbeServer } from './probe.js';
import type { ReplayControls } from './replay-controls.js';
import { UpgradeDoor } from './upgrade.js';

export interface WebServerOptions extends DoorOptions {
  /** 0 = any that is free. */
  readonly port: number;
  /** Where people reach this server when its port is forwarded, like `http://127.0.0.1:8080`. */
  readonly publicUrl?: string | undefined;
  /** What /metrics says. */
  readonly metrics?: (() => Promise<string>) | undefined;
  /** Makes what an incident is taken away as; left out = JSON alone. */
  readonly makeFile?: MakeIncidentFile | undefined;
  /** What plays; left out = this is live. */
  readonly replay?: ReplayControls | undefined;
  /** Where probes find /healthz and /readyz and nothing else, like `0.0.0.0:7071`. */
  readonly probeAddress?: string | undefined;
  /** Takes a line for each login and refusal; else they go to standard error. */
  readonly audit?: (line: string) => void;
  /** The built page. */
  readonly uiDir?: string | undefined;
}

export interface WebServer extends Sink {
  /** What a person opens, ending in a slash. */
  readonly url: string;
  readonly clientCount: number;
  /** To be called when the replay has changed: all clients are told how it stands. */
  replayChanged(): void;
}

const MAX_CONNECTIONS = 256;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
const CHECKING_INTERVAL_MS = 2_000;
const KEEP_ALIVE_TIMEOUT_MS = 5_000;
/** Of a connection that neither sends nor takes; a WebSocket has its pings. */
const IDLE_TIMEOUT_MS = 30_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const MAX_HEADER_BYTES = 8 * 1024;
const PING_INTERVAL_MS = 30_000;
const POSITION_INTERVAL_MS = 500;
/** How long a clean end waits for clients to say goodbye. */
const GOODBYE_MS = 500;

/**
 * Resolves when it listens. Throws E_BAD_ADDRESS, E_NO_TOKEN, E_BAD_TOKEN, E_NO_TLS, E_BAD_TLS, E_PORT_TAKEN or E_USAGE,
 * and then nothing is left open.
 */
export async function startWebServer(
  options: WebServerOptions,
  /** What clients get before what is live. */
  recorder = new FlightRecorder(),
): Promise<WebServer> {
  const { address, token, tls } = openDoor(options);
  const publicUrl = options.publicUrl === undefined ? null : parsePublicUrl(options.publicUrl);
  const page = loadPage(options.uiDir ?? join(PACKAGE_ROOT, 'dist/ui'));
  const fanOut = new FanOut(recorder);

  const http = createAnyServer(tls);
  http.setTimeout(IDLE_TIMEOUT_MS);
  new ConnectionLimit(http, MAX_CONNECTIONS);
  const probes = await startProbes(options, () => fanOut.model.session !== null);
  const port = await listen(http, address, options.port).catch((error: unknown) => {
    probes?.close();
    throw error;
  });

  const isTls = tls !== null;
  const allowed = allowedHosts({ port, isTls, isOpen: !isLoopbackAddress(address), publicUrl });
  const access = new Access(token, options.audit ?? tellAudit);
  const door = new UpgradeDoor(fanOut, { allowed, access }, options.replay ?? null);
  http.on(
    'request',
    httpRoutes({
      ...{ allowed, access, isTls, page, metrics: options.metrics ?? null, makeFile: options.makeFile ?? null },
      model: () => fanOut.model,
    }),
  );
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
    url: publicUrl === null ? `${isTls ? 'https' : 'http'}://${hostAndPort(address, port)}/` : publicUrl.href,
    get clientCount() {
      return fanOut.clientCount;
    },
    write(events: readonly OomscopeEvent[], model: Model): void {
      fanOut.write(events, model);
    },
    restart(state: readonly OomscopeEvent[], model: Model): void {
      fanOut.restart(state, model);
    },
    replayChanged: tellReplay,
    async close(): Promise<void> {
      clearInterval(pings);
      clearInterval(positions);
      fanOut.close();
      probes?.close();
      await closeServer(http, door);
    },
  };
}

function createAnyServer(tls: TlsFiles | null): Server {
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Else Node looks for those that take too long every 30 s only.
    connectionsCheckingInterval: CHECKING_INTERVAL_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  };
  if (tls === null) return createServer(options);
  try {
    return createTlsServer({ ...options, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_TIMEOUT_MS });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badTls(`The TLS certificate and key do not work (${reason}).`, 'Give a PEM certificate with its key.', error);
  }
}

async function startProbes({ probeAddress }: WebServerOptions, isReady: () => boolean): Promise<ProbeServer | null> {
  return probeAddress === undefined ? null : startProbeServer(probeAddress, isReady);
}

function tellAudit(line: string): void {
  process.stderr.write(`oomscope: ${new Date().toISOString()} ${line}\n`);
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
