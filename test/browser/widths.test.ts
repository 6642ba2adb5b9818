import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OomscopeEvent } from '../../src/events/event.js';
import { memoryScene } from '../support/memory-scene.js';
import { groupKill, nodeKill, sceneSession, sidecarKill } from '../support/scenes.js';
import { type ServedReplay, serveReplay } from '../support/served-replay.js';
import { layoutProblems } from './layout.js';
import { Feed, launchBrowser, PageUnderTest, uiDir } from './page-under-test.js';

const START_US = 1_000_000_000;
const SECONDS = 100;
/** Of four widths, on a machine that does other things as well. */
const TIMEOUT_MS = 120_000;
const WIDTHS = [
  [360, 780],
  [768, 1024],
  [1440, 900],
  [2560, 1440],
] as const;

let browser: Browser;
let served: ServedReplay;
let empty: Feed;

beforeAll(async () => {
  browser = await launchBrowser();
  served = await serveReplay(film(), uiDir, Number.POSITIVE_INFINITY);
  empty = await Feed.start();
  empty.write(sceneSession());
});

afterAll(async () => {
  await browser.close();
  await served.stop();
  await empty.stop();
});

/** Memory of forty cgroups, three kills, and kubelet's lines. */
function film(): OomscopeEvent[] {
  const scene = memoryScene(40, START_US);
  const eviction = { hardBytes: 2 ** 31, softBytes: 2 ** 32, source: '/var/lib/kubelet/config.yaml' };
  const kills = new Map([
    [10, groupKill],
    [50, nodeKill],
    [90, sidecarKill],
  ]);
  const events: OomscopeEvent[] = [sceneSession({ eviction }), ...scene.begin(START_US)];
  for (let second = 0; second <= SECONDS; second++) {
    const tUs = START_US + second * 1_000_000;
    events.push(...scene.tick(tUs), ...(kills.get(second)?.(tUs) ?? []));
  }
  return events;
}

describe.each(['light', 'dark'] as const)('in %s, at 360, 768, 1440 and 2560 px', (colorScheme) => {
  let under: PageUnderTest;

  beforeEach(async () => {
    under = await PageUnderTest.open(browser, served.url, { colorScheme });
    await under.page.locator('#candidate-2').waitFor();
    await under.page.locator('.cgroup-row').first().waitFor();
  });

  afterEach(async () => {
    await under.close();
    expect(under.problems, 'console errors, policy violations, requests elsewhere').toEqual([]);
  });

  /** Nothing is too wide, cut or on top of something else, and axe finds nothing serious. */
  async function looksWell(view: string, within?: string): Promise<void> {
    for (const [width, height] of WIDTHS) {
      await under.page.setViewportSize({ width, height });
      // Charts and rows measure themselves, and are drawn anew with the next frame.
      await under.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      if (process.env['OOMSCOPE_SCREENSHOTS'] !== undefined) await under.screenshot(`${view}-${colorScheme}-${width}`);
      expect(await layoutProblems(under.page), `${view} at ${width} px`).toEqual([]);
      expect(await under.seriousProblems(within), `${view} at ${width} px`).toEqual([]);
    }
  }

  it('an incident, its ballot, the replay bar and the cgroups can be read and used', { timeout: TIMEOUT_MS }, () =>
    looksWell('incident'),
  );

  it('so can the ballot when a slider was moved, all that can be opened, and the ledger', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { page } = under;
    await page.getByRole('button', { name: /^turns at/ }).click();
    await page.getByRole('button', { name: 'as recorded' }).waitFor();
    for (const summary of await page.locator('main summary').all()) await summary.click();
    await page.getByRole('tab', { name: 'ledger' }).click();
    await page.locator('.ledger-bar').waitFor();
    await looksWell('opened');
  });

  it('so can who dies next, on the node and under each limit', { timeout: TIMEOUT_MS }, async () => {
    await under.page.getByRole('tab', { name: 'who dies next' }).click();
    await under.page.locator('.ranking').first().waitFor();
    await looksWell('ranking');
  });

  it('so can the keys, a place to drop a file, a file that is refused, and a page without a kill', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { page } = under;
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await looksWell('keys', 'dialog');
    await page.keyboard.press('Escape');

    const dragged = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); data.items.add(new File(['x'], 'x.mcap')); return data; })()`,
    );
    await page.locator('main').dispatchEvent('dragover', { dataTransfer: dragged });
    await page.getByText('Drop a trace').waitFor();
    await looksWell('drop', '.drop-here');
    const refused = { name: `${'long-name-'.repeat(12)}.txt`, mimeType: 'text/plain', buffer: Buffer.from('no') };
    await page.getByLabel('a trace or a log to open').setInputFiles(refused);
    await page.getByRole('alert').waitFor();
    await looksWell('refused', '.toast');

    await page.goto(empty.url);
    await page.getByRole('status').getByText('● LIVE').waitFor();
    await looksWell('empty');
  });
});
