import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleSession } from '../../../test/support/sample-events.js';
import type { KubeEvent } from '../../events/kube.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { type ApiServer, getJson, inClusterApi } from './api-server.js';
import { KubeWatch } from './kube-watch.js';
import { readNodeState } from './node-state.js';
import { parseQuantity } from './quantity.js';

const tlsFile = (name: string) => fileURLToPath(new URL(`../../../test/fixtures/tls/${name}`, import.meta.url));
const NODE = 'node-1';
const ID = 'ab12'.repeat(16);
const PATIENCE = { timeout: 20_000 };

const PODS = {
  items: [
    {
      metadata: {
        uid: '3f1c9a52-7d1e-4a0b-9c55-0123456789ab',
        namespace: 'shop',
        name: 'web-1',
        ownerReferences: [
          { kind: 'Gadget', name: 'not-the-controller' },
          { kind: 'ReplicaSet', name: 'web', controller: true },
        ],
      },
      spec: {
        nodeName: NODE,
        containers: [
          { name: 'app', resources: { requests: { memory: '256Mi' }, limits: { memory: '512Mi' } } },
          { name: 'vector' },
        ],
      },
      status: { containerStatuses: [{ name: 'app', containerID: `containerd://${ID}` }] },
    },
    {
      metadata: {
        uid: 'b',
        namespace: 'kube-system',
        name: 'etcd-node-1',
        annotations: { 'kubernetes.io/config.hash': '0123456789abcdef0123456789abcdef' },
      },
      spec: { containers: [{ name: 'etcd', resources: { requests: { memory: '100M' } } }] },
    },
    'nonsense',
  ],
};

const STATUS = {
  status: { conditions: [{ type: 'MemoryPressure', status: 'True', reason: 'KubeletHasInsufficientMemory' }] },
};

const eviction = (name: string, host: string, time: string) => ({
  involvedObject: { kind: 'Pod', namespace: 'batch', name },
  reason: 'Evicted',
  message: 'The node was low on resource: memory.',
  source: { component: 'kubelet', host },
  lastTimestamp: time,
  count: 1,
});

const EVICTIONS = {
  items: [
    eviction('job-7', NODE, '2026-01-01T10:00:00Z'),
    eviction('job-6', NODE, '2026-01-01T09:00:00Z'),
    eviction('elsewhere', 'node-2', '2026-01-01T10:00:00Z'),
  ],
};

const SAID = {
  items: [
    {
      involvedObject: { kind: 'Node', name: NODE },
      reason: 'EvictionThresholdMet',
      message: 'Attempting to reclaim memory',
      eventTime: '2026-01-01T09:30:00.000001Z',
      series: { count: 3 },
    },
  ],
};

let server: Server | null = null;
let directory: string;
let api: ApiServer;
let asked: { url: string; authorization: string | undefined; method: string | undefined }[];

async function serve(listener: RequestListener, tls = false): Promise<void> {
  const noting: RequestListener = (request, response) => {
    const { url = '', method, headers } = request;
    asked.push({ url, method, authorization: headers.authorization });
    listener(request, response);
  };
  server = tls
    ? createTlsServer({ cert: readFileSync(tlsFile('cert.pem')), key: readFileSync(tlsFile('key.pem')) }, noting)
    : createServer(noting);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  api = { ...api, url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}` };
}

/** As a real one answers these four questions, and no other. */
const answering: RequestListener = (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://api');
  const selector = searchParams.get('fieldSelector');
  const answers: Record<string, unknown> = {
    [`/api/v1/pods spec.nodeName=${NODE}`]: PODS,
    [`/api/v1/nodes/${NODE} null`]: STATUS,
    '/api/v1/events reason=Evicted': EVICTIONS,
    [`/api/v1/events involvedObject.kind=Node,involvedObject.name=${NODE}`]: SAID,
  };
  const answer = answers[`${pathname} ${selector}`];
  response.statusCode = answer === undefined ? 403 : 200;
  response.end(JSON.stringify(answer ?? { kind: 'Status' }));
};

const ask = (path: string) => getJson(api, path);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'oomscope-kube-'));
  const tokenFile = join(directory, 'token');
  writeFileSync(tokenFile, 'first\n');
  api = { url: '', tokenFile, caFile: tlsFile('cert.pem') };
  asked = [];
});

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
  rmSync(directory, { recursive: true });
});

describe('the API server, asked about a node', () => {
  it('tells requests, limits, owners and ids of its pods, its conditions, and the evictions of this node alone', async () => {
    await serve(answering);
    const { pods, conditions, notices } = await readNodeState(ask, NODE);
    expect(pods).toEqual([
      {
        uid: '0123456789abcdef0123456789abcdef',
        namespace: 'kube-system',
        name: 'etcd-node-1',
        owner: null,
        containers: [{ id: null, name: 'etcd', requestBytes: 100_000_000, limitBytes: null }],
      },
      {
        uid: '3f1c9a52-7d1e-4a0b-9c55-0123456789ab',
        namespace: 'shop',
        name: 'web-1',
        owner: { kind: 'ReplicaSet', name: 'web' },
        containers: [
          { id: ID, name: 'app', requestBytes: 256 * 2 ** 20, limitBytes: 512 * 2 ** 20 },
          { id: null, name: 'vector', requestBytes: null, limitBytes: null },
        ],
      },
    ]);
    expect(conditions).toEqual([{ type: 'MemoryPressure', status: 'true', reason: 'KubeletHasInsufficientMemory' }]);
    expect(notices.map(({ reason, name, count }) => `${reason} ${name} ${count}`)).toEqual([
      'Evicted job-6 1',
      'EvictionThresholdMet node-1 3',
      'Evicted job-7 1',
    ]);
    expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it('gets the token of the moment, over TLS of its own authority alone', async () => {
    await serve(answering, true);
    await ask(`/api/v1/nodes/${NODE}`);
    writeFileSync(api.tokenFile, 'second');
    await ask(`/api/v1/nodes/${NODE}`);
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer first', 'Bearer second']);
    // Signed by itself, and by nobody whom we were told to trust.
    writeFileSync(join(directory, 'ca'), '');
    await expect(getJson({ ...api, caFile: join(directory, 'ca') }, '/')).rejects.toThrow(/self-signed/);
    expect(asked).toHaveLength(2);
  });

  it('is refused in one line: no right, no answer in time, too much, no JSON, another place, nobody there', async () => {
    // Whoever answers has time to: only silence is to end soon.
    const patient = { timeoutMs: 30_000, bytes: 1000 };
    const hasty = { ...patient, timeoutMs: 200 };
    const answers: Record<string, RequestListener> = {
      '/forbidden': (_, response) => response.writeHead(403).end('{}'),
      '/silent': () => {},
      '/drip': (_, response) => void setInterval(() => response.write(' '), 20).unref(),
      '/flood': (_, response) => response.end('x'.repeat(5000)),
      '/words': (_, response) => response.end('<html>'),
      '/elsewhere': (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    };
    await serve((request, response) => answers[request.url ?? '']?.(request, response));
    const why = async (path: string, limits = patient) =>
      String(await getJson(api, path, limits).catch((error: Error) => error.message));
    expect(await why('/forbidden')).toBe(`HTTP 403 (GET ${api.url}/forbidden)`);
    expect(await why('/silent', hasty)).toMatch(/^no answer within 200 ms/);
    expect(await why('/drip', hasty)).toMatch(/^no answer within 200 ms/);
    expect(await why('/flood')).toMatch(/^an answer of more than 1000 bytes/);
    expect(await why('/words')).toMatch(/^an answer that is no JSON/);
    expect(await why('/elsewhere')).toMatch(/^HTTP 302/);
    api = { ...api, url: 'http://127.0.0.1:1' };
    expect(await why('/')).toMatch(/ECONNREFUSED/);
    api = { ...api, tokenFile: join(directory, 'none') };
    expect(await why('/')).toMatch(/ENOENT/);
  });

  it('is where the environment of a container says, and nowhere else', () => {
    expect(inClusterApi({})).toBeNull();
    const at = (host: string) => inClusterApi({ KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: '443' })?.url;
    expect([at('10.96.0.1'), at('fd00::1')]).toEqual(['https://10.96.0.1:443', 'https://[fd00::1]:443']);
  });

  it.each([
    ['128Mi', 128 * 2 ** 20],
    ['1e9', 1e9],
    ['1.5G', 1.5e9],
    ['128974848', 128_974_848],
    ['128974848000m', 128_974_848],
    ['500m', 1],
    ['', null],
    ['12 Mi', null],
    ['-1', null],
    ['1Zi', null],
  ])('the quantity %j is %s bytes', (quantity, bytes) => {
    expect(parseQuantity(quantity)).toBe(bytes);
  });
});

describe('the watch over it', { timeout: 60_000 }, () => {
  const model = applyEvents(initialModel, [sampleSession()]);
  const told: KubeEvent[] = [];
  const watching = (question: (path: string) => Promise<unknown>) => {
    told.length = 0;
    const watch = new KubeWatch(question, NODE, (event) => told.push(event), { everyMs: 10, longestMs: 40 });
    watch.write([sampleSession()], model);
    return watch;
  };

  it('tells what is known once, and again only when it changes', async () => {
    await serve(answering);
    const watch = watching(ask);
    await expect.poll(() => asked.length, PATIENCE).toBeGreaterThan(11);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ topic: '/kube', tUs: model.nowUs, node: NODE, obstacle: null });
    await watch.close();
  });

  it('tells when it is refused, keeps what it knew, and goes on when it is let in again', async () => {
    let open = true;
    await serve((request, response) => (open ? answering(request, response) : void response.writeHead(403).end()));
    const watch = watching(ask);
    await expect.poll(() => told.at(-1)?.obstacle, PATIENCE).toBeNull();
    open = false;
    await expect.poll(() => told.at(-1)?.obstacle, PATIENCE).toMatch(/^HTTP 403/);
    expect(told.at(-1)?.pods).toEqual(told[0]?.pods);
    open = true;
    await expect.poll(() => told.at(-1)?.obstacle, PATIENCE).toBeNull();
    await watch.close();
  });

  it('holds nobody up while the API server is silent, neither a batch nor the end', async () => {
    const watch = watching(() => new Promise(() => {}));
    for (let n = 0; n < 1000; n++) watch.write([sampleSession()], model);
    await watch.close();
    // That it came to this line is the point: the answer never comes.
    expect(told).toEqual([]);
  });
});
