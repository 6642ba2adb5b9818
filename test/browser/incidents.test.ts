import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveTrace } from '../support/served-replay.js';
import { launchBrowser, PageUnderTest, shownText, uiDir } from './page-under-test.js';

/** Recorded on Linux 6.12 in the lab: test/fixtures/incidents. */
const traceOf = (name: string) => fileURLToPath(new URL(`../fixtures/incidents/${name}.mcap`, import.meta.url));

/** Makes the pictures of the documents anew: `npm run docs:images`. */
const MAKES_IMAGES = process.env['OOMSCOPE_DOCS_IMAGES'] === '1';
const imagePath = (name: string) => fileURLToPath(new URL(`../../docs/img/${name}.png`, import.meta.url));
/** Some minutes after the incidents, so that a picture says the same whenever it is made. */
const LOOKED_AT = Date.parse('2026-11-28T05:40:00Z');

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

/** The replay of a whole incident, from beginning to end, in a page. */
async function replayed<T>(name: string, look: (under: PageUnderTest) => Promise<T>): Promise<void> {
  const served = await serveTrace(traceOf(name), uiDir, Number.POSITIVE_INFINITY);
  const under = await PageUnderTest.open(browser, served.url, { timezoneId: 'UTC', locale: 'en-US' });
  try {
    await under.page.getByRole('status').getByText('REPLAY').waitFor();
    // At its end it stands still.
    await under.page.getByRole('button', { name: 'play' }).waitFor();
    await under.screenshot(`incident-${name}`);
    await look(under);
    if (MAKES_IMAGES) await makeImages(under.page, name);
    expect(under.problems, 'console errors, policy violations, requests elsewhere').toEqual([]);
  } finally {
    await under.close();
    await served.stop();
  }
}

/** As it is seen without scrolling, in both themes. */
async function makeImages(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate('document.activeElement?.blur()');
  for (const [second, colorScheme] of (['light', 'dark'] as const).entries()) {
    await page.emulateMedia({ colorScheme });
    // With the next tick of the page's clock charts are drawn anew, in the new colours.
    await page.clock.setFixedTime(LOOKED_AT + second * 1_000);
    await page.waitForTimeout(2_500);
    await page.screenshot({ path: imagePath(`${name}-${colorScheme}`) });
  }
}

describe('the three incidents, recorded in the lab and replayed', () => {
  it('sidecar: vector died, myapp caused it, and both stand on the ballot with all that they are', async () => {
    await replayed('sidecar', async ({ page }) => {
      const headline = page.getByRole('heading', { level: 1 });
      await headline.getByText(/^vector \(pid \d+\) was killed/).waitFor();
      expect(await shownText(headline)).toContain('/kubepods, above its cgroup');
      expect(await shownText(page.locator('.culprit'))).toMatch(
        /^myapp \(pid \d+\) in .*\/myapp grew \d+ MiB in the [\d.]+ s before(?: \(its cgroup \d+ MiB\))? and caused it\.$/,
      );
      expect(await shownText(page.locator('header .chosen'))).toMatch(
        /its oom_score_adj of 999 added [\d,]+ of them, and without that myapp \(pid \d+\) would have died\.$/,
      );
      expect(await shownText(page.locator('.first-advice'))).toMatch(/Give myapp \(pid \d+\) a memory limit\.$/);

      expect(await shownText(page.locator('#candidate-0'))).toMatch(/vector.*✕ victim/s);
      expect(await shownText(page.locator('#candidate-1'))).toMatch(/myapp.*▲ culprit.*▸ trigger/s);
      for (const [row, part] of [
        ['#candidate-0', 'anon'],
        ['#candidate-0', 'adj'],
        ['#candidate-1', 'anon'],
        ['#candidate-1', 'adj'],
      ] as const) {
        const bar = await page.locator(`${row} .part-${part}`).boundingBox();
        expect(bar?.width, `${row} ${part}`).toBeGreaterThan(2);
      }
      // It has most of its points for its adj, and the culprit for its memory.
      const widthPx = async (of: string) => (await page.locator(of).boundingBox())?.width ?? 0;
      expect(await widthPx('#candidate-0 .part-adj')).toBeGreaterThan(await widthPx('#candidate-1 .part-adj'));
      expect(await widthPx('#candidate-1 .part-anon')).toBeGreaterThan(await widthPx('#candidate-0 .part-anon'));

      expect(await page.locator('.mark:not(.is-near-miss)').getAttribute('title')).toBe('✕ vector');
      expect(await page.locator('.kill-row .comm').allInnerTexts()).toEqual(['vector']);
      expect(await page.locator('.before .badge').allInnerTexts()).toEqual(['limit hit', 'culprit', 'victim']);
    });
  });

  it('pagecache: nobody was killed, what grew is file cache, and the parts are drawn apart', async () => {
    await replayed('pagecache', async ({ page }) => {
      const grown = page.getByText(/^\/kubepods\/burstable\/pod-reports\/java grew /);
      await grown.getByText('The growth is file cache (reclaimable), not anonymous memory: no leak').waitFor();
      expect(await shownText(grown)).toMatch(
        /^\/kubepods\/burstable\/pod-reports\/java grew \d+ MiB .* anon .*, file .* \(active .*, inactive .*\), shmem .*, kernel .*; kubelet's number \(working set\) is /,
      );
      expect(await page.locator('.kill-row').count()).toBe(0);
      expect(await page.locator('.mark:not(.is-near-miss)').count()).toBe(0);
      await page.locator('.cgroup-row', { hasText: 'java' }).locator('canvas').waitFor();
      expect(await shownText(page.locator('.cgroups-key'))).toMatch(/anon.*shmem.*kernel.*file/s);
    });
  });

  it('hostagent: who holds the node outside of the pods, and how far the eviction line is', async () => {
    await replayed('hostagent', async ({ page }) => {
      const words = page.locator('.unkilled .chosen').first();
      await words.getByText('of this node is used outside of pods by /system.slice/legacy-agent.service').waitFor();
      expect(await shownText(words)).toMatch(
        /limit it, or set --system-reserved and --kube-reserved\. memory\.available is [\d.]+ MiB above the hard eviction line/,
      );
      await page.getByText('eviction line, hard: 100 MiB').waitFor();
      // While it grew there was a time to tell.
      const position = page.getByRole('slider', { name: 'position' });
      await position.fill(String(Number(await position.getAttribute('max')) - 15_000_000));
      await words.getByText(/line and falls [\d.]+ MiB\/s: eviction in ~\d+ s\.$/).waitFor();

      await page.getByRole('tab', { name: 'ledger' }).click();
      await page.locator('.ledger-units').getByText('/system.slice/legacy-agent.service').waitFor();
      const widthPx = async (of: string) => (await page.locator(of).boundingBox())?.width ?? 0;
      expect(await widthPx('.ledger-part.ledger-system')).toBeGreaterThan((await widthPx('.ledger-bar')) / 2);
      expect(await page.locator('.mark:not(.is-near-miss)').count()).toBe(0);
    });
  });
});
