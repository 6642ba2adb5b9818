import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { OomscopeEvent } from '../../src/events/event.js';
import { applyEvents, initialModel } from '../../src/model/fold.js';
import { isKill } from '../../src/model/incidents.js';
import { summarize } from '../../src/model/summary.js';
import { importedEvents } from '../support/imported-log.js';
import { groupKill, nodeKill, sceneSession, sidecarKill } from '../support/scenes.js';
import { inChunks, recorded, traceBytes, tracePieces } from '../support/trace.js';
import { Feed, launchBrowser, PageUnderTest, shownText } from './page-under-test.js';

let browser: Browser;
let feed: Feed;
let under: PageUnderTest;

const session = sceneSession();
const events: OomscopeEvent[] = [
  session,
  ...groupKill(1_010_000_000),
  ...nodeKill(1_050_000_000),
  ...sidecarKill(1_090_000_000),
];
const HOSTNAME = session.hostname ?? '';
const bootEpochUs = (session.anchorEpochUs ?? 0) - session.anchorBootUs;
const trace = traceBytes(inChunks(recorded(events), 3), { hostname: HOSTNAME, bootEpochUs });

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  feed = await Feed.start();
  feed.write(sceneSession({ hostname: 'live-node', anchorEpochUs: Date.now() * 1000 - 120_000_000 }));
  under = await PageUnderTest.open(browser, feed.url);
  await under.page.getByText('No kill yet.').waitFor();
});

afterEach(async () => {
  await under.close();
  await feed.stop();
  expect(under.problems, 'console errors, policy violations, requests elsewhere').toEqual([]);
});

async function choose(name: string, bytes: Uint8Array): Promise<void> {
  const file = { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
  await under.page.getByLabel('a trace or a log to open').setInputFiles(file);
}

/** What is shown, without what depends on when one looks, and on whether there is a server to take files from. */
async function shown(page: PageUnderTest['page']): Promise<string> {
  const kills = await page.locator('.kill-cause').allInnerTexts();
  return `${kills.join('\n')}\n${await shownText(page.locator('main'))}`.replace(
    /\d+ (s|min|h|days?) ago|just now|↓ (report|trace|Perfetto|JSON)\s*/g,
    '',
  );
}

it('a trace that is given to the page shows what the server shows of the same events', async () => {
  const { page } = under;
  const requests: string[] = [];
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  await choose('night.mcap', trace);
  await page.getByRole('status').getByText('night.mcap').waitFor();
  await page.locator('#kill-2').waitFor();
  const ofFile = await shown(page);
  await under.screenshot('file');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'JSON' }).click(),
  ]);
  const json = JSON.parse(readFileSync(await download.path(), 'utf8')) as { incident: { id: string } };
  expect(json.incident.id).toBe('1090000000');
  expect(requests.filter((request) => !/^GET .*\/assets\/[^/]+\.js$/.test(request))).toEqual([]);

  const other = await Feed.start();
  other.write(...events);
  const served = await PageUnderTest.open(browser, other.url);
  await served.page.locator('#kill-2').waitFor();
  expect(await shown(served.page)).toBe(ofFile);

  // What the server hands out of the incident, the trace among it, which the page opens in its turn.
  expect(await page.getByRole('link', { name: 'trace' }).count()).toBe(0);
  const take = async (name: string) => {
    const [file] = await Promise.all([
      served.page.waitForEvent('download'),
      served.page.getByRole('link', { name, exact: true }).click(),
    ]);
    return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
  };
  const report = await take('report');
  expect(report.name).toBe('oomscope-1090000000.html');
  expect(report.bytes.toString()).toContain('<!doctype html>');
  const perfetto = await take('Perfetto');
  expect(perfetto.name).toBe('oomscope-1090000000.perfetto-trace');
  expect(perfetto.bytes.length).toBeGreaterThan(100);
  const taken = await take('trace');
  expect(taken.name).toBe('oomscope-1090000000.mcap');
  await served.close();
  await other.stop();

  await page.getByRole('button', { name: 'back to live' }).click();
  await page.getByText('live-node').first().waitFor();
  await page.getByText('No kill yet.').waitFor();
});

it('a file is played, stopped and searched for kills, with the mouse or the keys', async () => {
  const { page } = under;
  await choose('night.mcap', trace);
  const headline = page.getByRole('heading', { level: 1 });
  await headline.getByText('vector (pid 4790)').waitFor();
  const kills = page.locator('.kill-row');

  await page.getByRole('slider', { name: 'position' }).fill(String(bootEpochUs + 1_020_000_000));
  await headline.getByText('worker-3 (pid 5003)').waitFor();
  expect(await kills.count()).toBe(1);

  await page.keyboard.press(']');
  await headline.getByText('batch-report (pid 2001)').waitFor();
  await page.getByRole('button', { name: 'next kill' }).click();
  await headline.getByText('vector (pid 4790)').waitFor();
  await page.getByRole('button', { name: 'next kill' }).blur();
  await page.keyboard.press('[');
  await headline.getByText('batch-report (pid 2001)').waitFor();

  await page.getByLabel('speed').selectOption('100×');
  await page.getByLabel('speed').blur();
  await page.keyboard.press(' ');
  await page.getByRole('button', { name: 'pause' }).waitFor();
  await headline.getByText('vector (pid 4790)').waitFor();
  await page.getByRole('button', { name: 'play' }).waitFor();
});

it('what is dropped anywhere is opened; what is no trace is refused in one line, and what was shown stays', async () => {
  const { page } = under;
  const dropped = await page.evaluateHandle(
    `(() => { const data = new DataTransfer(); data.items.add(new File([new Uint8Array(${JSON.stringify([...trace])})], '<b>x</b>.mcap')); return data; })()`,
  );
  await page.locator('main').dispatchEvent('dragover', { dataTransfer: dropped });
  await page.getByText('Drop a trace').waitFor();
  await page.locator('main').dispatchEvent('drop', { dataTransfer: dropped });
  await page.getByRole('status').getByText('<b>x</b>.mcap').waitFor();
  await page.locator('#kill-2').waitFor();

  await choose('letter.txt', new TextEncoder().encode('Dear kernel, why?'));
  await page.getByRole('alert').getByText('letter.txt cannot be opened').waitFor();
  await page.locator('#kill-2').waitFor();
  await page.getByRole('button', { name: 'close' }).click();
});

it.each([
  ['as it is', (log: Buffer) => log],
  ['packed', gzipSync],
])('a kernel log, %s, shows its kills as import does', async (_how, pack) => {
  const { page } = under;
  const log = readFileSync(new URL('../fixtures/kernel-logs/6.12-memcg.log', import.meta.url));
  await choose('dmesg.txt', pack(log));
  await page.getByRole('status').getByText('dmesg.txt').waitFor();
  const { incidents } = applyEvents(initialModel, importedEvents(log.toString()));
  const kills = incidents.filter(isKill);
  expect(kills.length).toBeGreaterThan(0);
  await expect.poll(() => page.locator('.kill-row').count()).toBe(kills.length);
  const newest = kills.at(-1);
  if (newest === undefined) throw new Error('no kill');
  const { what } = summarize(newest);
  await page.getByRole('heading', { level: 1 }).getByText(what).waitFor();
  await under.screenshot('log');
});

it('of a damaged trace what is left is shown, and that it is damaged', async () => {
  // The last chunk is cut in two; what stands behind it is missing.
  const pieces = tracePieces(inChunks(recorded(events), 3), { hostname: HOSTNAME, bootEpochUs }).slice(0, -1);
  const last = pieces.pop() ?? new Uint8Array();
  const cut = new Uint8Array(Buffer.concat([...pieces, last.subarray(0, last.length / 2)]));
  await choose('cut.mcap', cut);
  await under.page.getByText('Not all of the file could be read').first().waitFor();
  await under.page.locator('#kill-0').waitFor();
});

it('the list of keys opens with its key and closes', async () => {
  const { page } = under;
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
});
