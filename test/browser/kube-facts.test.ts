import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeEvent } from '../../src/events/kube.js';
import { calmKube, evictedKube, WEB_ID, WEB_PATH, WEB_POD, webKill } from '../support/kube-scene.js';
import { sampleIdentity, sampleKill, sampleProcess } from '../support/sample-events.js';
import { sceneSession } from '../support/scenes.js';
import { serveReplay } from '../support/served-replay.js';
import { layoutProblems } from './layout.js';
import { Feed, launchBrowser, PageUnderTest, shownText, uiDir } from './page-under-test.js';

const KILL_US = 1_100_000_000;
const EPOCH_US = Date.now() * 1000 - 200_000_000;
const SESSION = sceneSession({ anchorEpochUs: EPOCH_US });
const toldIn = (seconds: number, over: Partial<KubeEvent> = {}) => calmKube(KILL_US + seconds * 1_000_000, over);
const evicted = evictedKube(KILL_US + 20_000_000, KILL_US + 3_000_000, EPOCH_US);

let browser: Browser;
let feed: Feed;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

beforeEach(async () => {
  feed = await Feed.start();
});

afterEach(() => feed.stop());

/** What stands beside each word of the facts about the victim. */
async function factsOn(page: Page): Promise<Record<string, string>> {
  const rows = await page.locator('.victim-facts > div').all();
  return Object.fromEntries(
    await Promise.all(
      rows.map(async (row) => [await shownText(row.locator('dt')), await shownText(row.locator('dd'))] as const),
    ),
  );
}

const ASKED = {
  owner: 'ReplicaSet shop/web-5b8c7d9f4',
  memory: 'requests 128 MiB, limit 512 MiB (API server)',
  culprit: 'container report of Job batch/report-28412: requests 64 MiB, no limit (API server)',
};

const SAID = {
  evicted: expect.stringMatching(
    /^by kubelet, 3 s after the kill: The node was low on resource: memory\. .* consumption of memory$/,
  ),
  pressure: 'the node reported MemoryPressure, first told 20 s after the kill',
};

describe('what the API server told, in an incident', () => {
  it.each(['light', 'dark'] as const)('is whole at every width, in %s', { timeout: 60_000 }, async (colorScheme) => {
    feed.write(SESSION, calmKube(KILL_US - 20_000_000), ...webKill(KILL_US), evicted);
    const under = await PageUnderTest.open(browser, feed.url, { colorScheme });
    const { page } = under;
    await page.getByText('evicted', { exact: true }).waitFor();
    expect(await factsOn(page)).toMatchObject({ ...ASKED, ...SAID, image: 'registry.example/shop/web:1.25' });
    for (const [width, height] of [
      [360, 780],
      [1440, 900],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      await under.screenshot(`kube-${colorScheme}-${width}`);
      expect(await layoutProblems(page), `at ${width} px`).toEqual([]);
      expect(await under.overflowPx(), `at ${width} px`).toBe(0);
      expect(await under.seriousProblems('.kill'), `at ${width} px`).toEqual([]);
    }
    expect(under.problems).toEqual([]);
    await under.close();
  });

  it('comes when it is told, and stays when its pods are gone', async () => {
    feed.write(SESSION, ...webKill(KILL_US));
    const under = await PageUnderTest.open(browser, feed.url);
    const { page } = under;
    await page.locator('#candidate-1').waitFor();
    expect(Object.keys(await factsOn(page))).toEqual(['pids', 'image']);
    feed.write(evicted);
    await expect.poll(() => factsOn(page)).toMatchObject({ ...ASKED, ...SAID });
    feed.write(toldIn(50, { pods: [] }), toldIn(80, { pods: [] }));
    // Once the page shows what it learned last, it has drawn all before.
    const containers = [{ id: WEB_ID, name: 'nginx', image: 'learned-late', memoryLimitBytes: null }];
    feed.write(sampleIdentity({ tUs: KILL_US + 90_000_000, podUid: WEB_POD.uid, containers }));
    await expect.poll(async () => (await factsOn(page))['image']).toBe('learned-late');
    expect(await factsOn(page)).toMatchObject({ ...ASKED, ...SAID });
    // Who comes later is told as well.
    const late = await PageUnderTest.open(browser, feed.url);
    await expect.poll(() => factsOn(late.page)).toMatchObject({ ...ASKED, ...SAID });
    await late.close();
    await under.close();
  });

  it('is the same in a replay', { timeout: 60_000 }, async () => {
    const served = await serveReplay(
      [SESSION, calmKube(KILL_US - 20_000_000), ...webKill(KILL_US), evicted],
      uiDir,
      Number.POSITIVE_INFINITY,
    );
    const under = await PageUnderTest.open(browser, served.url);
    await expect.poll(() => factsOn(under.page), { timeout: 15_000 }).toMatchObject({ ...ASKED, ...SAID });
    await under.close();
    await served.stop();
  });
});

describe('a container that its runtime has ended', () => {
  it('is an ordinary stop until kubelet says that it evicted the pod', async () => {
    const runc = sampleProcess({ pid: 60, comm: 'runc', cgroupPath: '/system.slice/containerd.service' });
    const sender = { process: runc, commandLine: null, parentPid: 59, parentComm: 'containerd-shim' };
    const target = sampleProcess({ pid: 2100, comm: 'nginx', cgroupId: 11, cgroupPath: WEB_PATH });
    feed.write(SESSION, calmKube(KILL_US - 20_000_000));
    feed.write(sampleKill({ tUs: KILL_US, killUs: KILL_US, sender, target }));
    const under = await PageUnderTest.open(browser, feed.url);
    const { page } = under;
    await page.getByLabel('also 1 ordinary stop (SIGTERM, container runtimes)').waitFor();
    feed.write(evicted);
    const kill = page.getByRole('article', { name: 'the chosen incident' });
    await kill.getByText(/for kubelet: an eviction, since the node was short of memory/).waitFor();
    const text = await shownText(kill);
    for (const part of [
      'ReplicaSet shop/web-5b8c7d9f4',
      'requests 128 MiB, limit 512 MiB (API server)',
      'The pod was evicted by kubelet, 3 s after the kill: The node was low on resource: memory.',
      'The node reported MemoryPressure, first told 20 s after the kill.',
    ]) {
      expect(text).toContain(part);
    }
    expect(await shownText(page.locator('.kill-row .kill-cause'))).toMatch(/evicted for kubelet/);
    await under.screenshot('kube-user-kill');
    expect(await layoutProblems(page)).toEqual([]);
    await under.close();
  });
});
