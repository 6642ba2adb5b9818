import { createServer, type Server } from 'node:http';
import { EXIT, OomscopeError } from '../../base/errors.js';
import { ConnectionLimit } from './connection-limit.js';
import { listen, listenAddress } from './listen.js';

const MAX_CONNECTIONS = 32;
const PATIENCE_MS = 5_000;

/** Where a probe finds nothing but whether this process lives: kubelet has no token. */
export interface ProbeServer {
  readonly port: number;
  close(): void;
}

/** `address`: like `0.0.0.0:7071` or `[::]:7071`. Throws E_USAGE, E_BAD_ADDRESS or E_PORT_TAKEN. */
export async function startProbeServer(address: string, isReady: () => boolean): Promise<ProbeServer> {
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  if (host === '' || Number(port) > 65_535) {
    throw new OomscopeError(
      'E_USAGE',
      `The probe address ${JSON.stringify(address)} is not like 0.0.0.0:7071.`,
      'Give an IP address and a port.',
      EXIT.usage,
    );
  }
  const server: Server = createServer(
    { maxHeaderSize: 4096, headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS, keepAliveTimeout: PATIENCE_MS },
    (request, response) => {
      const { status, text } = probeAnswer(request.url ?? '', isReady());
      response.writeHead(status, { 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(text) }).end(text);
    },
  );
  server.setTimeout(PATIENCE_MS);
  new ConnectionLimit(server, MAX_CONNECTIONS);
  const own = await listen(server, listenAddress(host), Number(port));
  return {
    port: own,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What the probes' two paths say, here and on the page's own port. */
export function probeAnswer(path: string, isReady: boolean): { readonly status: number; readonly text: string } {
  if (path === '/healthz') return { status: 200, text: 'ok\n' };
  if (path !== '/readyz') return { status: 404, text: 'Only /healthz and /readyz are here.\n' };
  return isReady ? { status: 200, text: 'ready\n' } : { status: 503, text: 'starting\n' };
}
