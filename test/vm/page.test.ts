import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatBytes, formatCount } from '../../src/base/units.js';
import type { Candidate, EpisodeEvent } from '../../src/events/episode.js';
import { launchBrowser, PageUnderTest, shownText } from '../browser/page-under-test.js';
import { Recording } from './harness/recording.js';
import { describeOnKernels, describeOnOneKernel, type Vm } from './harness/vm.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const KILL_DEADLINE_MS = 60_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const signed = (value: number) => (value > 0 ? `+${formatCount(value)}` : formatCount(value));

/** What the page shall show of each candidate, from the record alone: whoever has most points first. */
function expectedRows({ candidates, choice, trigger }: EpisodeEvent): string[][] {
  const byPoints = (a: Candidate, b: Candidate) => (b.points ?? Number.NaN) - (a.points ?? Number.NaN);
  return [...candidates]
    .sort(byPoints)
    .map((candidate, index) => [
      String(index + 1),
      `${candidate.comm} ${candidate.pid}`,
      ...(candidate.pid === choice?.process.pid ? ['✕ victim'] : []),
      ...(candidate.pid === trigger?.pid ? ['▸ trigger'] : []),
      candidate.cgroupPath ?? '',
      formatBytes(
        (candidate.rssAnonBytes ?? Number.NaN) +
          (candidate.rssFileBytes ?? Number.NaN) +
          (candidate.rssShmemBytes ?? Number.NaN) +
          (candidate.swapBytes ?? Number.NaN) +
          (candidate.pageTableBytes ?? Number.NaN),
      ),
      signed(candidate.adj),
      formatCount(candidate.points ?? Number.NaN),
    ]);
}

async function shownRows(page: Page, count: number): Promise<string[][]> {
  const texts = await Promise.all(Array.from({ length: count }, (_, n) => shownText(page.locator(`#candidate-${n}`))));
  // Who caused it is told from the timeline, not from the ballot.
  return texts.map((text) => text.split(/\s*\n\s*/).filter((cell) => cell !== '' && cell !== '▲ culprit'));
}

/** As it is seen without scrolling. */
async function screenshot(page: Page, path: string): Promise<void> {
  mkdirSync(fileURLToPath(new URL('.', `file://${ROOT}${path}`)), { recursive: true });
  await page.screenshot({ path: `${ROOT}${path}` });
}

describeOnKernels('the page of a guest in a browser of the host', (vm, kernel) => {
  it('shows a kill without being loaded again, with the ballot that was recorded', async () => {
    const url = `http://127.0.0.1:${vm().pagePort}`;
    const recording = await Recording.start(vm(), ['--port', '7070', '--public-url', url]);
    const under = await PageUnderTest.open(browser, url, { colorScheme: 'dark' });
    const { page } = under;
    await page.getByText('No kill yet.').waitFor();
    await page.getByRole('status').getByText('● LIVE').waitFor();
    await page.evaluate('window.notReloaded = true');

    await vm().scenario('sidecar');
    const ofVector = () => recording.kills.findLast(({ choice }) => choice?.process.comm === 'vector');
    await expect.poll(ofVector).toBeDefined();
    const kill = ofVector();
    if (kill === undefined) throw new Error('no kill was recorded');
    const { pid } = kill.choice?.process ?? {};
    // What vector held may come back so late that the app is killed as well: then that is the newest, which the page shows.
    // The row moves when the next one comes, and a click in that moment goes nowhere: then the page follows the newest.
    const choose = async () => {
      await page.locator('.kill-row', { hasText: 'vector' }).first().click({ timeout: KILL_DEADLINE_MS });
      return shownText(page.locator('.kill h1'));
    };
    await expect.poll(choose, { timeout: KILL_DEADLINE_MS }).toContain(`vector (pid ${pid}) was killed`);
    const exits = () =>
      recording.of('/oom/victim').filter(({ step, process }) => step === 'exited' && process?.pid === pid);
    await expect.poll(exits, { timeout: KILL_DEADLINE_MS }).toHaveLength(1);
    const aftermath = async () => {
      await choose();
      return shownText(page.locator('.victims'));
    };
    await expect.poll(aftermath).toMatch(/exited; .* freed/);

    expect(kill.candidates.map(({ status }) => status)).toEqual(['scored', 'scored']);
    await expect.poll(() => shownRows(page, kill.candidates.length)).toEqual(expectedRows(kill));
    await page.getByText(/^myapp \(pid \d+\) in .*\/myapp grew .* before.* and caused it\.$/).waitFor();
    for (const bar of ['#candidate-0 .part-adj', '#candidate-0 .part-anon', '#candidate-1 .part-anon'])
      expect((await page.locator(bar).boundingBox())?.width, bar).toBeGreaterThan(2);
    expect(await page.locator('.badge-culprit').count()).toBeGreaterThan(0);
    expect(await page.locator('.mark[title*="✕ vector"], .mark[title*="more here"]').count()).toBeGreaterThan(0);
    const answer = await fetch(`${url}/api/incidents/${kill.episodeUs}`);
    expect(await answer.json()).toMatchObject({ episode: kill, killed: true });

    await screenshot(page, `build/screenshots/vm-${kernel}-kill-dark.png`);
    await page.emulateMedia({ colorScheme: 'light' });
    await screenshot(page, `build/screenshots/vm-${kernel}-kill-light.png`);

    expect(await page.evaluate('window.notReloaded')).toBe(true);
    expect(under.problems).toEqual([]);
    await under.close();
    await recording.stop();
  });
});

/** Live, from before the scenario begins until `look` has seen what it wants. */
async function playedLive(vm: Vm, scenario: string, look: (page: Page) => Promise<void>): Promise<void> {
  const url = `http://127.0.0.1:${vm.pagePort}`;
  const recording = await Recording.start(vm, ['--port', '7070', '--public-url', url]);
  const under = await PageUnderTest.open(browser, url);
  await under.page.getByText('No kill yet.').waitFor();
  const playing = vm.spawn(['lab-scenario', scenario]);
  await look(under.page);
  await playing.exited;
  expect(recording.kills).toEqual([]);
  expect(under.problems).toEqual([]);
  await under.close();
  await recording.stop();
}

const KUBELET = `
  mkdir -p /run/kubelet.d && cd /run/kubelet.d && cp "$(command -v bash)" kubelet
  printf 'kind: KubeletConfiguration\\nevictionHard:\\n  memory.available: 100Mi\\n' > config.yaml
  exec ./kubelet -c 'echo runs; while :; do sleep 1; done' kubelet --config=/run/kubelet.d/config.yaml`;

describeOnOneKernel('the incidents in which nobody is killed, live on the page', (vm) => {
  it('pagecache: what grew is file cache, and no leak', async () => {
    await playedLive(vm(), 'pagecache', async (page) => {
      const grown = page.getByText(/^\/kubepods\/burstable\/pod-reports\/java grew \d/);
      await grown
        .getByText('The growth is file cache (reclaimable), not anonymous memory: no leak')
        .waitFor({ timeout: KILL_DEADLINE_MS });
      await page.locator('.cgroup-row', { hasText: 'java' }).locator('canvas').waitFor();
    });
  });

  it('hostagent, where a kubelet runs: who holds the node outside of pods, and how near the eviction line is', async () => {
    // A process of its name stands in for it: its eviction lines make the host a node of Kubernetes.
    const kubelet = vm().spawn(['bash', '-c', KUBELET]);
    await kubelet.line((line) => line === 'runs');
    await playedLive(vm(), 'hostagent', async (page) => {
      const words = page.locator('.unkilled .chosen').first();
      const unit = '/system.slice/legacy-agent.service';
      await words.getByText(`is used outside of pods by ${unit}`).waitFor({ timeout: KILL_DEADLINE_MS });
      await words.getByText(/eviction in ~\d+ s\.$/).waitFor({ timeout: KILL_DEADLINE_MS });
      await page.getByRole('tab', { name: 'ledger' }).click();
      await page.locator('.ledger-units').getByText(unit).waitFor();
    });
    kubelet.kill('SIGKILL');
    await kubelet.exited;
  });
});
