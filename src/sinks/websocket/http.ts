import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Model } from '../../model/model.js';
import type { Access } from './access.js';
import type { AllowedHosts } from './allowed-hosts.js';
import { type Answer, json, line } from './answer.js';
import { incidentDetail, incidentList } from './api.js';
import { INCIDENT_FILES, type IncidentFile, type MakeIncidentFile, parseIncidentFile } from './incident-files.js';
import { loginAnswer, refuseUnknown } from './login.js';
import type { PageFile } from './page-files.js';
import { probeAnswer } from './probe.js';

export interface HttpRoutes {
  readonly allowed: AllowedHosts;
  readonly access: Access;
  readonly isTls: boolean;
  readonly page: ReadonlyMap<string, PageFile>;
  /** What /metrics says; null = nobody counts here. */
  readonly metrics: (() => Promise<string>) | null;
  /** Null = incidents are handed out as JSON alone. */
  readonly makeFile: MakeIncidentFile | null;
  model(): Model;
}

/** The lines that both doors, the page's and the WebSocket's, answer a stranger with. */
export const BAD_HOST_LINE =
  'E_BAD_HOST: This server does not answer to that host name. Open the address that oomscope printed.';
export const BAD_ORIGIN_LINE =
  'E_BAD_ORIGIN: A page of another site may not read this server. Open the address that oomscope printed.';

/** Everything but the WebSocket: the page, the probes, the incidents as JSON. It only reads. */
export function httpRoutes(routes: HttpRoutes): RequestListener {
  return (request, response) => {
    const { host } = request.headers;
    const isKnownHost = routes.allowed.host(host);
    setSecurityHeaders(response, pathOf(request), isKnownHost ? (host ?? null) : null);
    answer(routes, request).then(
      (found) => send(request, response, found),
      // The other end went away in the middle of what it sent.
      () => request.destroy(),
    );
  };
}

async function answer(routes: HttpRoutes, request: IncomingMessage): Promise<Answer> {
  const { allowed, access, isTls } = routes;
  const { host, origin } = request.headers;
  const path = pathOf(request);
  if (!allowed.host(host)) return line(403, BAD_HOST_LINE);
  if (!allowed.origin(origin, host)) return line(403, BAD_ORIGIN_LINE);
  if (path === '/login' && request.method === 'POST') return loginAnswer(access, request, isTls);
  const refusal = refuseMethod(request);
  if (refusal !== null) return refusal;
  if (path === '/login') return loginAnswer(access, request, isTls);
  if (isProbe(path)) return probe(routes, path);
  const unknown = refuseUnknown(access, request, path);
  if (unknown !== null) return unknown;
  return path === '/metrics' && routes.metrics !== null ? metricsAnswer(await routes.metrics()) : route(routes, path);
}

function metricsAnswer(text: string): Answer {
  return { ...line(200, text.trimEnd()), contentType: 'text/plain; version=0.0.4; charset=utf-8' };
}

/** Probes tell nothing and bring no token. */
function isProbe(path: string): boolean {
  return path === '/healthz' || path === '/readyz';
}

function probe({ model }: HttpRoutes, path: string): Answer {
  const { status, text } = probeAnswer(path, model().session !== null);
  return line(status, text.trim());
}

function refuseMethod(request: IncomingMessage): Answer | null {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  return reads ? null : line(405, 'E_USAGE: This server only reads: use GET.');
}

async function route({ model, page, makeFile }: HttpRoutes, path: string): Promise<Answer> {
  if (path.startsWith(INCIDENT_PATH)) {
    const file = parseIncidentFile(path.slice(INCIDENT_PATH.length));
    if (file !== null && makeFile !== null) return incidentFileAnswer(file, await makeFile(file.id, file.as));
    const detail = incidentDetail(model(), path.slice(INCIDENT_PATH.length));
    return detail === null ? NOT_FOUND : json(detail);
  }
  switch (path) {
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

/** Always to be saved: shown here, a page of another policy would stand at this address. */
function incidentFileAnswer({ id, as }: { id: string; as: IncidentFile }, body: Uint8Array | null): Answer {
  if (body === null) return NOT_FOUND;
  // The id was found, so it has digits, letters and dashes.
  const headers = { 'Content-Disposition': `attachment; filename="oomscope-${id}.${ENDING[as]}"` };
  return { status: 200, contentType: INCIDENT_FILES[as], body: Buffer.from(body), cacheControl: 'no-store', headers };
}

const ENDING: Readonly<Record<IncidentFile, string>> = {
  mcap: 'mcap',
  html: 'html',
  // As ui.perfetto.dev names them.
  perfetto: 'perfetto-trace',
};

/** The path of a request, its query left out. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

/** `host` goes into the policy: the one that was checked, or null. */
function setSecurityHeaders(response: ServerResponse, path: string, host: string | null): void {
  const isLogin = path === '/login';
  // 'self' alone does not cover WebSockets in every browser.
  const connect = host === null ? "'none'" : `'self' ws://${host} wss://${host}`;
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src ${connect}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    `form-action ${isLogin ? "'self'" : "'none'"}`,
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // The page's worker, which unpacks files that are dropped on it.
    'trusted-types oomscope-worker',
  ];
  response.setHeader('Content-Security-Policy', policy.join('; '));
  response.setHeader('X-Content-Type-Options', 'nosniff');
  // Without any referrer a form is posted with the origin "null".
  response.setHeader('Referrer-Policy', isLogin ? 'same-origin' : 'no-referrer');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
}

const NOT_FOUND = line(404, 'There is nothing here. See / and /api/incidents.');
const NO_PAGE = line(503, 'E_NO_PAGE: The page is not built; the rest of this server works. Run `make build`.');

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
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  response.writeHead(answer.status, { 'Content-Type': answer.contentType, 'Content-Length': answer.body.length });
  // Node itself leaves the body out of the answer to HEAD.
  response.end(answer.body);
}
