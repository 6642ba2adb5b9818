import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { visibleJson } from '../../base/escape.js';
import type { Model } from '../../model/model.js';
import type { AllowedHosts } from './allowed-hosts.js';
import { incidentDetail, incidentList } from './api.js';
import type { PageFile } from './page-files.js';

export interface HttpRoutes {
  readonly allowed: AllowedHosts;
  readonly page: ReadonlyMap<string, PageFile>;
  model(): Model;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly cacheControl: string;
  readonly etag?: string;
}

/** The lines that both doors, the page's and the WebSocket's, answer a stranger with. */
export const BAD_HOST_LINE =
  'E_BAD_HOST: This server does not answer to that host name. Open the address that oomscope printed.';
export const BAD_ORIGIN_LINE =
  'E_BAD_ORIGIN: A page of another site may not read this server. Open the address that oomscope printed.';

/** Everything but the WebSocket: the page, the probes, the incidents as JSON. It only reads. */
export function httpRoutes(routes: HttpRoutes): RequestListener {
  return (request, response) => {
    const refusal = refuse(request, routes.allowed);
    setSecurityHeaders(response, refusal === null ? (request.headers.host ?? null) : null);
    send(request, response, refusal ?? route(routes, request));
  };
}

function refuse(request: IncomingMessage, allowed: AllowedHosts): Answer | null {
  if (!allowed.host(request.headers.host)) return line(403, BAD_HOST_LINE);
  if (!allowed.origin(request.headers.origin)) return line(403, BAD_ORIGIN_LINE);
  const reads = request.method === 'GET' || request.method === 'HEAD';
  return reads ? null : line(405, 'E_USAGE: This server only reads: use GET.');
}

function route({ model, page }: HttpRoutes, request: IncomingMessage): Answer {
  const path = pathOf(request);
  if (path.startsWith(INCIDENT_PATH)) {
    const detail = incidentDetail(model(), path.slice(INCIDENT_PATH.length));
    return detail === null ? NOT_FOUND : json(detail);
  }
  switch (path) {
    case '/healthz':
      return line(200, 'ok');
    case '/readyz':
      return model().session === null ? line(503, 'starting') : line(200, 'ready');
    case '/api/incidents':
      return json(incidentList(model()));
    case '/ws':
      return line(426, 'This is a WebSocket: connect with subprotocol oomscope.v1.');
    default: {
      const file = page.get(path);
      if (file !== undefined) return fileAnswer(file);
      return path === '/' ? NO_PAGE : NOT_FOUND;
    }
  }
}

const INCIDENT_PATH = '/api/incidents/';

/** The path of a request, its query left out. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

/** `host` goes into the policy: the one that was checked, or null. */
function setSecurityHeaders(response: ServerResponse, host: string | null): void {
  // 'self' alone does not cover WebSockets in every browser.
  const connect = host === null ? "'none'" : `'self' ws://${host} wss://${host}`;
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src ${connect}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // The page's worker, which unpacks files that are dropped on it.
    'trusted-types oomscope-worker',
  ];
  response.setHeader('Content-Security-Policy', policy.join('; '));
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
}

function line(status: number, text: string): Answer {
  const body = Buffer.from(`${text}\n`);
  return { status, contentType: 'text/plain; charset=utf-8', body, cacheControl: 'no-store' };
}

const NOT_FOUND = line(404, 'There is nothing here. See / and /api/incidents.');
const NO_PAGE = line(503, 'E_NO_PAGE: The page is not built; the rest of this server works. Run `make build`.');

/** Names from outside stay data: JSON escapes for what would act up in a terminal. */
function json(value: object): Answer {
  const body = Buffer.from(visibleJson(JSON.stringify(value)));
  return { status: 200, contentType: 'application/json; charset=utf-8', body, cacheControl: 'no-store' };
}

function fileAnswer({ body, contentType, etag, immutable }: PageFile): Answer {
  const cacheControl = immutable ? 'public, max-age=31536000, immutable' : 'no-cache';
  return { status: 200, contentType, body, cacheControl, etag };
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.setHeader('Cache-Control', answer.cacheControl);
  if (answer.etag !== undefined) {
    response.setHeader('ETag', answer.etag);
    if (request.headers['if-none-match'] === answer.etag) {
      response.writeHead(304).end();
      return;
    }
  }
  response.writeHead(answer.status, { 'Content-Type': answer.contentType, 'Content-Length': answer.body.length });
  // Node itself leaves the body out of the answer to HEAD.
  response.end(answer.body);
}
