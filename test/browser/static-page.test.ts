import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sceneSession, sidecarKill } from '../support/scenes.js';
import { recorded, traceBytes } from '../support/trace.js';
import { launchBrowser, PageUnderTest } from './page-under-test.js';

let browser: Browser;
let server: Server;
let url: string;
const folder = mkdtempSync(join(tmpdir(), 'oomscope-static-'));

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** A web server as simple as can be, which knows nothing of oomscope. */
beforeAll(async () => {
  const root = fileURLToPath(new URL('../../ui', import.meta.url));
  await build({ root, mode: 'static', logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  server = createServer((request, response) => {
    const path = join(folder, (request.url ?? '/').replace(/^\/some\/where\/?/, '') || 'index.html');
    try {
      const body = readFileSync(path);
      response.setHeader('content-type', TYPES[extname(path)] ?? 'image/svg+xml').end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/where/`;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

it('one folder, hosted anywhere, opens files without any server of ours', async () => {
  const under = await PageUnderTest.open(browser, url);
  const { page } = under;
  await page.getByText('Drop a trace or a kernel log here.').waitFor();
  await under.screenshot('static');
  const session = sceneSession();
  const bytes = traceBytes([recorded([session, ...sidecarKill(1_090_000_000)])], { hostname: 'worker-7' });
  const file = { name: 'kill.mcap', mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
  await page.getByLabel('a trace or a log to open').setInputFiles(file);
  await page.getByRole('heading', { level: 1 }).getByText('vector (pid 4790) was killed').waitFor();
  await page.getByRole('button', { name: 'close' }).click();
  await page.getByText('Drop a trace or a kernel log here.').waitFor();
  expect(under.problems).toEqual([]);
  await under.close();
});

it('its policy lets no eval, no WebAssembly and no connection through', async () => {
  const under = await PageUnderTest.open(browser, url);
  const outcome = await under.page.evaluate<string[]>(`(async () => {
    const tried = [];
    const attempt = async (what, run) => { try { await run(); tried.push(what); } catch {} };
    await attempt('wasm', () => WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));
    await attempt('fetch', () => fetch(location.href));
    await attempt('worker', () => new Worker('data:text/javascript,1'));
    await attempt('html', () => { document.body.innerHTML = '<b>x</b>'; });
    return tried;
  })()`);
  expect(outcome).toEqual([]);
  await under.close();
});

it('has a script that is there soon on a slow line: less than 150 KB', () => {
  const [, script] = /<script[^>]* src="\.?\/?([^"]+)"/.exec(readFileSync(join(folder, 'index.html'), 'utf8')) ?? [];
  const bytes = gzipSync(readFileSync(join(folder, script ?? ''))).byteLength;
  console.log(`the page's script: ${Math.round(bytes / 1000)} KB gzipped`);
  expect(bytes).toBeLessThan(150_000);
});
