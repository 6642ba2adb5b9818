import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryScene } from '../support/memory-scene.js';
import type { sampleSession } from '../support/sample-events.js';
import { sceneSession } from '../support/scenes.js';
import { serveReplay } from '../support/served-replay.js';
import { Feed, launchBrowser, PageUnderTest, shownText, uiDir } from './page-under-test.js';

const START_US = 1_000_000_000;

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

/** The scene second by second. */
function sceneEvents(seconds: number) {
  const scene = memoryScene(20, START_US);
  const ticks = Array.from({ length: seconds + 1 }, (_, second) => scene.tick(START_US + second * 1_000_000));
  return [sceneSession({ anchorEpochUs: Date.now() * 1000 }), ...scene.begin(START_US), ...ticks.flat()];
}

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it('while nobody was killed the page says who would be, on the node and under each limit', async () => {
    const feed = await Feed.start();
    feed.write(...sceneEvents(90));
    const under = await PageUnderTest.open(browser, feed.url, { colorScheme });
    const { page } = under;
    await page.getByText('No kill yet.').waitFor();
    const would = page.locator('.would-die');
    const node = would.getByRole('region', { name: 'The node' });
    // 1000 ‰ of 32 GiB outweigh whatever the others hold.
    await node.getByText(/^vector \(pid 4302\) dies next, .* ahead of /).waitFor();
    expect(await shownText(node.locator('li').first().locator('.badge'))).toBe('→ would die');
    const csv = would.getByRole('region', { name: /csv-import/ });
    await csv.getByText('csv-import (pid 4303) dies next; there is no other.').waitFor();
    await would.getByText(/2 less full cgroups with a limit are left out/).waitFor();
    await would.getByText(/memory.oom.group is set/).waitFor();
    await page.getByRole('tab', { name: 'who dies next' }).click();
    expect(await page.locator('.cgroups .ranking').count()).toBeGreaterThan(2);
    await under.screenshot(`who-dies-next-${colorScheme}`);
    expect(await under.seriousProblems()).toEqual([]);
    expect(await under.overflowPx()).toBe(0);
    expect(under.problems).toEqual([]);
    await under.close();
    await feed.stop();
  });
});

it('in a replay it is the next one of the moment that is shown', async () => {
  const events = sceneEvents(40);
  const served = await serveReplay(events, uiDir);
  const under = await PageUnderTest.open(browser, served.url);
  const { page } = under;
  await page.getByRole('status').getByText('REPLAY').waitFor();
  await page.getByRole('button', { name: 'pause' }).click();
  const session = events[0] as ReturnType<typeof sampleSession>;
  const bootEpochUs = (session.anchorEpochUs ?? 0) - session.anchorBootUs;
  const seek = (second: number) =>
    page.getByRole('slider', { name: 'position' }).fill(String(bootEpochUs + START_US + second * 1_000_000));
  const node = page.locator('.would-die').getByRole('region', { name: 'The node' });
  const app = node.locator('li', { hasText: 'myapp' });
  await seek(30);
  await app.getByText(/^1.3 GiB$/).waitFor();
  await page.getByText('No kill up to this moment.').waitFor();
  await seek(5);
  await app.getByText(/^(786|806) MiB$/).waitFor();
  await under.close();
  await served.stop();
});

it('says why there is nothing to rank, and why no cgroup is listed', async () => {
  const feed = await Feed.start();
  const scene = memoryScene(20, START_US);
  const withoutProcesses = scene.tick(START_US).filter(({ topic }) => topic !== '/process');
  feed.write(sceneSession({ anchorEpochUs: Date.now() * 1000 }), ...withoutProcesses);
  const under = await PageUnderTest.open(browser, feed.url);
  const { page } = under;
  await page
    .locator('.would-die')
    .getByText(/^No processes were told at this moment/)
    .waitFor();
  await page.getByText(/cgroups were sampled, and the name of none is known/).waitFor();
  expect(await page.getByText('0 of 0').count()).toBe(0);
  feed.write(...scene.begin(START_US));
  await page.getByLabel('search cgroups').fill('nowhere');
  await page.getByText(/^None of \d+ cgroups has “nowhere” in its name\.$/).waitFor();
  await under.close();
  await feed.stop();
});
