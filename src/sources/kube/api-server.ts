import { readFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

/** Where the API server is, and who asks it. */
export interface ApiServer {
  /** `https://10.96.0.1:443` */
  readonly url: string;
  /** Read anew for each request: kubelet replaces the token every hour. */
  readonly tokenFile: string;
  /** The cluster's own authority, PEM. */
  readonly caFile: string;
}

export interface ApiLimits {
  readonly timeoutMs: number;
  /** Of one answer. */
  readonly bytes: number;
}

/** A node of 250 pods answers with a few megabytes; oomscope lives in 128 MiB. */
const API_LIMITS: ApiLimits = { timeoutMs: 10_000, bytes: 16 * 2 ** 20 };

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** As every container is told by its environment; null = this is no container of a cluster. */
export function inClusterApi(environment: Readonly<Record<string, string | undefined>>): ApiServer | null {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (host === undefined || port === undefined) return null;
  const name = host.includes(':') ? `[${host}]` : host;
  return { url: `https://${name}:${port}`, tokenFile: `${ACCOUNT}/token`, caFile: `${ACCOUNT}/ca.crt` };
}

/**
 * The answer to one GET. Rejects with one line for a person when there is none, it takes too long, it is too long, or it is no
 * JSON. It follows no redirect: the token is for this server alone.
 */
export function getJson(api: ApiServer, path: string, limits: ApiLimits = API_LIMITS): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, api.url);
    const fail = (why: string) => reject(new Error(`${why} (GET ${url.origin}${url.pathname})`));
    const headers = {
      authorization: `Bearer ${readFileSync(api.tokenFile, 'utf8').trim()}`,
      accept: 'application/json',
    };
    // Of the whole exchange: a server that sends a byte now and then is as slow as one that sends none.
    const signal = AbortSignal.timeout(limits.timeoutMs);
    const options = { headers, signal, agent: false } as const;
    const request =
      url.protocol === 'https:'
        ? tlsRequest(url, { ...options, ca: readFileSync(api.caFile) })
        : plainRequest(url, options);
    request.on('error', (error) => fail(signal.aborted ? `no answer within ${limits.timeoutMs} ms` : error.message));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('error', (error) => fail(signal.aborted ? `no answer within ${limits.timeoutMs} ms` : error.message));
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= limits.bytes) {
          chunks.push(chunk);
          return;
        }
        fail(`an answer of more than ${limits.bytes} bytes`);
        response.destroy();
      });
      response.on('end', () => {
        if (response.statusCode !== 200) {
          fail(`HTTP ${response.statusCode}`);
          return;
        }
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        } catch {
          fail('an answer that is no JSON');
        }
      });
    });
    request.end();
  });
}
