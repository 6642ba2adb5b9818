import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryScene } from '../support/memory-scene.js';
import { sceneSession, sidecarKill } from '../support/scenes.js';
import { Feed, launchBrowser, PageUnderTest, shownText } from './page-under-test.js';

const GIB = 2 ** 30;
const START_US = 1_000_000_000;
const TICK_US = 100_000;

let browser: Browser;
let feed: Feed;

beforeAll(async () => {
  browser = await launchBrowser();
  feed = await Feed.start();
  play(60, 120);
  feed.write(...sidecarKill(START_US + 110_000_000));
});

afterAll(async () => {
  await browser.close();
  await feed.stop();
});

/** `seconds` of a scene, as a page that comes later gets to know them. */
function play(count: number, seconds: number): void {
  const scene = memoryScene(count, START_US);
  const eviction = { hardBytes: 2 * GIB, softBytes: 4 * GIB, source: '/var/lib/kubelet/config.yaml' };
  const session = sceneSession({ anchorEpochUs: Date.now() * 1000 - seconds * 1_000_000, eviction });
  feed.write(session, ...scene.begin(START_US));
  for (let tick = 0; tick <= seconds * 10; tick++) feed.write(...scene.tick(START_US + tick * TICK_US));
}

/** Where the kills stand on the timeline. */
async function markPlaces(page: PageUnderTest['page']): Promise<number[]> {
  const marks = await page.locator('.mark').all();
  const boxes = await Promise.all(marks.map((mark) => mark.boundingBox()));
  return boxes.map((box) => Math.round(box?.x ?? -1));
}

describe('memory over time', () => {
  it('shows the cgroups that matter, the containers of a pod together, and finds and keeps others', async () => {
    const under = await PageUnderTest.open(browser, feed.url);
    const { page } = under;
    const rows = page.locator('.cgroup-row');
    await page.getByText('12 of 58').waitFor();
    await rows.first().getByText('legacy-agent.service').waitFor();
    const texts = async () => (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
    await expect
      .poll(async () => (await texts()).slice(1, 3))
      .toEqual([
        expect.stringMatching(/kubepods\.slice 4\.\d GiB of 4 GiB · \+[\d.]+ MiB\/s · 70 % stalled$/),
        expect.stringContaining('csv-import.service'),
      ]);
    const all = await texts();
    const pod = all.findIndex((text) => text.startsWith('pod 3f1c2b4a-0001-4000-8000-00000000000a ☆ aaaaaaaaaaaa'));
    expect(all[pod + 1]).toContain('bbbbbbbbbbbb');

    await page.getByLabel('search cgroups').fill('job-7.');
    await rows.first().getByText('job-7.service').waitFor();
    await page.getByRole('button', { name: /^pin/ }).click();
    await page.getByLabel('search cgroups').fill('');
    await rows.nth(1).getByText('legacy-agent.service').waitFor();
    await rows.first().getByText('job-7.service').waitFor();
    await page.getByLabel('order').selectOption('most growth');
    await rows
      .nth(1)
      .getByText(/legacy-agent|kubepods|app.scope/)
      .waitFor();
    await under.screenshot('timelines');

    // Where the pointer is in one chart, the line is in all.
    await rows.nth(2).locator('canvas').hover();
    await expect.poll(() => page.locator('.cursor-line:not([hidden])').count()).toBeGreaterThan(10);
    expect(under.problems).toEqual([]);
    await under.close();
  });

  it('tells who grew and marks whom, beside the one who died', async () => {
    const under = await PageUnderTest.open(browser, feed.url);
    const { page } = under;
    await page.locator('#candidate-2').waitFor();
    await page.getByText(/^myapp \(pid 4711\).* and caused it\./).waitFor();
    expect(await shownText(page.locator('#candidate-0'))).toMatch(/vector.*✕ victim/s);
    expect(await shownText(page.locator('#candidate-1'))).toMatch(/myapp.*▲ culprit/s);
    await page.getByRole('heading', { name: 'What to do' }).waitFor();
    await page.getByRole('heading', { name: 'Evidence' }).waitFor();
    expect(await page.locator('.before').count()).toBe(3);
    await under.screenshot('verdict');
    await under.close();
  });

  it('the address brings the whole view back', async () => {
    const under = await PageUnderTest.open(browser, feed.url);
    const { page } = under;
    await page.locator('#candidate-1').click();
    await page.getByLabel('order').selectOption('most growth');
    await page.getByLabel('search cgroups').fill('service');
    await page.getByRole('group', { name: /^The node over time/ }).focus();
    for (let turn = 0; turn < 3; turn++) await page.keyboard.press('+');
    for (let turn = 0; turn < 4; turn++) await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.url()).toMatch(/candidate=4711&from=\d+&to=\d+&order=growth&search=service$/);
    // What was drawn last has been written down.
    await new Promise((resolve) => setTimeout(resolve, 600));
    const url = page.url();
    const ticks = await markPlaces(page);
    await under.close();

    const other = await PageUnderTest.open(browser, url);
    await other.page.locator('.sum-who').getByText('myapp').waitFor();
    await other.page.locator('.cgroup-row').first().getByText('.service').waitFor();
    expect(await other.page.getByLabel('order').inputValue()).toBe('growth');
    expect(await markPlaces(other.page)).toEqual(ticks);
    await expect.poll(() => other.page.url()).toBe(url);
    await other.close();
  });

  it.each(['light', 'dark'] as const)(
    'in %s the ledger adds up to the node, and axe finds nothing serious',
    async (colorScheme) => {
      const under = await PageUnderTest.open(browser, feed.url, { colorScheme });
      const { page } = under;
      await page.locator('.cgroup-row').first().waitFor();
      expect(await under.seriousProblems()).toEqual([]);
      await page.getByRole('tab', { name: 'ledger' }).click();
      await page.getByText('32 GiB', { exact: true }).waitFor();
      await page.getByText('/system.slice/legacy-agent.service').waitFor();
      const bar = await page.locator('.ledger-bar').boundingBox();
      const parts = await Promise.all((await page.locator('.ledger-part').all()).map((part) => part.boundingBox()));
      const widthPx = parts.reduce((sum, box) => sum + (box?.width ?? 0), 0);
      expect(widthPx).toBeCloseTo(bar?.width ?? 0, -1);
      expect(await under.seriousProblems()).toEqual([]);
      await under.screenshot(`ledger-${colorScheme}`);
      await under.close();
    },
  );

  it('is read out in words where it is drawn', async () => {
    const under = await PageUnderTest.open(browser, feed.url);
    const name =
      /^The node over time: 1 kill, [\d.]+ GiB of memory available now, eviction \(hard\) below 2 GiB, eviction \(soft\) below 4 GiB\./;
    await under.page.getByRole('group', { name }).waitFor();
    await under.close();
  });
});
