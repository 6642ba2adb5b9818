import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OomscopeEvent } from '../../src/events/event.js';
import { counterfactuals } from '../../src/model/counterfactual.js';
import {
  sampleCandidate,
  sampleChoice,
  sampleEpisode,
  sampleLoss,
  sampleMemorySample,
  sampleNearMiss,
  sampleProcess,
  sampleVictim,
} from '../support/sample-events.js';
import { groupKill, nodeKill, sceneSession, sidecarKill } from '../support/scenes.js';
import { Feed, launchBrowser, PageUnderTest, shownText } from './page-under-test.js';

let browser: Browser;
let feed: Feed;
let open: PageUnderTest[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  feed = await Feed.start();
});

afterEach(async () => {
  const problems = open.flatMap((under) => under.problems);
  await Promise.all(open.map((under) => under.close()));
  open = [];
  await feed.stop();
  expect(problems, 'console errors, policy violations, requests elsewhere').toEqual([]);
});

async function openPage(options?: Parameters<typeof PageUnderTest.open>[2]): Promise<PageUnderTest> {
  const under = await PageUnderTest.open(browser, feed.url, options);
  open.push(under);
  return under;
}

/** The session started now, so that times on the page are of today. */
function session(over: Parameters<typeof sceneSession>[0] = {}): OomscopeEvent {
  return sceneSession({ anchorEpochUs: Date.now() * 1000 - 120_000_000, ...over });
}

describe('the page', () => {
  it('says what is watched while nobody was killed, and shows a kill by itself when one happens', async () => {
    feed.write(session());
    const { page } = await openPage();
    await page.getByText('No kill yet.').waitFor();
    await page.getByText('Watching worker-7').waitFor();
    await page.getByRole('status').getByText('● LIVE').waitFor();
    await page.evaluate('window.notReloaded = true');

    feed.write(...sidecarKill(1_090_000_000));
    await page.getByRole('heading', { level: 1 }).getByText('vector (pid 4790) was killed').waitFor({ timeout: 2_000 });
    await expect.poll(() => page.title()).toBe('(1) oomscope · worker-7');
    expect(await page.getByText('No kill yet.').count()).toBe(0);
    expect(await page.evaluate('window.notReloaded')).toBe(true);
  });

  it('opened late shows the same as opened early', async () => {
    feed.write(session(), ...groupKill(1_010_000_000));
    const early = await openPage();
    await early.page.locator('#kill-0').waitFor();
    feed.write(...nodeKill(1_050_000_000), ...sidecarKill(1_090_000_000));
    await early.page.locator('#kill-2').waitFor();
    const late = await openPage();
    await late.page.locator('#kill-2').waitFor();
    const texts = await Promise.all([early, late].map(({ page }) => shownText(page.locator('.columns'))));
    expect(texts[0]?.replace(/\d+ s ago|just now/, '')).toBe(texts[1]?.replace(/\d+ s ago|just now/, ''));
  });

  it('ranks the ballot as the kernel did, with its numbers', async () => {
    feed.write(session(), ...nodeKill(1_050_000_000));
    const { page } = await openPage();
    await page.locator('#candidate-10').waitFor();
    const rows = await Promise.all(
      Array.from({ length: 11 }, (_, index) => shownText(page.locator(`#candidate-${index}`))),
    );
    const cells = rows.map((row) => row.split(/\s*\n\s*/).filter((cell) => cell !== ''));
    expect(cells.slice(0, 6)).toEqual([
      ['1', 'batch-report 2001', '✕ victim', '/system.slice/batch-report.service', '912 MiB', '+500', '4,427,572'],
      ['2', 'legacy-agent 892', '/system.slice/legacy-agent.service', '16.0 GiB', '0', '4,204,800'],
      ['3', 'postgres 1502', '/system.slice/postgres.service', '8.6 GiB', '0', '2,253,924'],
      ['4', 'java 1733', '▸ trigger', '/system.slice/java.service', '7.7 GiB', '0', '2,025,572'],
      ['5', 'kubelet 655', '/system.slice/kubelet.service', '153 MiB', '−999', '−8,340,344'],
      ['6', 'containerd 620', '/system.slice/containerd.service', '130 MiB', '−999', '−8,346,232'],
    ]);
    expect(cells.slice(6).map((row) => row.slice(0, 3))).toEqual([
      ['–', 'systemd 1', 'passed over: it is init'],
      ['–', 'systemd-udevd 411', 'passed over: oom_score_adj is −1000'],
      ['–', 'sshd 700', 'passed over: oom_score_adj is −1000'],
      ['–', 'make 1800', 'passed over: it is in vfork()'],
      ['–', 'gone 1900', 'passed over: it has no memory of its own any more'],
    ]);
  });

  it('adds up the points of the victim, and of whom one asks for', async () => {
    feed.write(session(), ...sidecarKill(1_090_000_000));
    const { page } = await openPage();
    const sum = page.locator('.sum');
    await sum.getByText('1,125,281').waitFor();
    expect((await shownText(sum)).replace(/\s+/g, ' ')).toBe(
      'vector 4790 anon 54,272 212 MiB file 14,848 58 MiB shmem 0 0 B swap 7,936 31 MiB page tables 225 900 KiB ' +
        'adj +1,000 +1,048,000 4.0 GiB = points 1,125,281 as the kernel counted',
    );
    await page.locator('#candidate-2').click();
    await sum.getByText('−1,045,887').waitFor();
  });

  it('moves the victim with a slider, as the model does, and back again', async () => {
    const events = sidecarKill(1_090_000_000);
    const episode = events.find((event) => event.topic === '/oom/episode');
    feed.write(session(), ...events);
    const { page } = await openPage();
    const slider = page.getByRole('slider', { name: 'adj of vector' });
    const result = page.locator('.what-if-result');
    const known = episode === undefined ? undefined : counterfactuals(episode);
    if (known?.kind !== 'known') throw new Error('the scene has no whole ballot');
    const [turn] = known.adjChanges.filter(({ candidate }) => candidate.comm === 'vector');
    if (turn === undefined) throw new Error('its adj decides, and yet it does not');

    await slider.fill(String(turn.adj + 1));
    await result.getByText('Then vector (pid 4790) dies all the same.').waitFor();
    await slider.fill(String(turn.adj));
    await result.getByText(`Then ${turn.victim?.comm} (pid ${turn.victim?.pid}) dies instead.`).waitFor();
    expect(await shownText(page.locator('#candidate-0'))).toMatch(/myapp.*→ would die/s);
    expect(await shownText(page.locator('#candidate-1'))).toMatch(/vector.*✕ victim/s);

    await page.getByRole('button', { name: 'as recorded' }).click();
    await page.getByRole('slider', { name: 'limit of /kubepods.slice' }).fill('-64');
    await result.getByText('Then myapp (pid 4711) dies instead.').waitFor();
    await page.getByRole('button', { name: 'as recorded' }).click();
    expect(await shownText(page.locator('#candidate-0'))).toMatch(/vector.*✕ victim/s);
  });

  it('draws each bar to one scale, and what adj takes away to the left of zero', async () => {
    feed.write(session(), ...sidecarKill(1_090_000_000));
    const { page } = await openPage();
    const zero = await boxOf(page.locator('#candidate-0 .zero'));
    const anon = await boxOf(page.locator('#candidate-1 .part-anon'));
    const adj = await boxOf(page.locator('#candidate-2 .part-adj'));
    const pages = { anon: 2_790 * 256, adjOfVictim: 1_048_000 };
    const adjOfVictim = await boxOf(page.locator('#candidate-0 .part-adj'));
    expect(anon.x).toBeCloseTo(zero.x, 0);
    expect(anon.width / adjOfVictim.width).toBeCloseTo(pages.anon / pages.adjOfVictim, 2);
    expect(adj.x + adj.width).toBeCloseTo(zero.x, 0);
  });

  it('names the limit, those above it, and where victim and trigger were', async () => {
    feed.write(session(), ...sidecarKill(1_090_000_000));
    const { page } = await openPage();
    await page.locator('.limit').first().waitFor();
    const lines = await page.locator('.limit').allInnerTexts();
    expect(lines.map((line) => line.replace(/\s+/g, ' '))).toEqual([
      '/ (the root) usage not recorded',
      '● limit hit /kubepods.slice 4 GiB of 4 GiB',
      expect.stringMatching(/^✕ victim .*cri-containerd-vector\.scope 290 MiB, no limit$/),
      expect.stringMatching(/^▸ trigger .*cri-containerd-app\.scope 2\.9 GiB, no limit$/),
    ]);
  });

  it('tells what became of every member of a group', async () => {
    feed.write(session(), ...groupKill(1_010_000_000));
    const { page } = await openPage();
    await page.getByText('and with it 2 other processes of its memory.oom.group').waitFor();
    expect(await page.locator('.badge').getByText('died too').count()).toBe(2);
    expect(await page.locator('.victims > li').count()).toBe(3);
    await page.getByText('exited; 120 MiB freed').waitFor();
    await page.getByText('Raw fields').click();
    await page.getByText('limitCgroup.maxBytes').first().waitFor();
  });
});

describe('names from outside', () => {
  it('do nothing and hide nothing', async () => {
    const evil = '<img src=x onerror=alert(1)>\u202egpj\x1b[2J\n';
    const victim = sampleCandidate({ comm: evil, cgroupPath: '/<script>alert(2)</script>\u2066' });
    const { process } = sampleChoice(victim);
    feed.write(
      session({ hostname: evil, kernelRelease: '<b>6</b>' }),
      sampleVictim({ process }),
      sampleEpisode({ candidates: [victim], choice: sampleChoice(victim), trigger: process }),
    );
    const { page } = await openPage();
    page.on('dialog', () => open[0]?.problems.push('a name ran as a script'));
    await page.locator('#candidate-0').waitFor();
    const text = await shownText(page.locator('body'));
    expect(text).toContain('<img src=x onerror=alert(1)>\\u{202e}gpj\\x1b[2J\\x0a');
    expect(text).not.toMatch(/\p{Bidi_Control}|(?!\n)\p{Cc}/u);
    expect(await page.locator('#app img, #app script, #app b').count()).toBe(0);
    expect(await page.title()).not.toMatch(/\p{Bidi_Control}|(?!\n)\p{Cc}/u);
  });

  it('of cgroups, pods and files are as harmless', async () => {
    const evil = '/<img src=x onerror=alert(1)>\u202e\ufffd\x1b[2J';
    feed.write(
      session(),
      { topic: '/cgroup', tUs: 1_000_000_001, change: 'present', id: 42, path: evil, level: 1 },
      sampleMemorySample({ tUs: 1_000_000_002 }),
      sampleNearMiss({ tUs: 1_000_000_003 }),
    );
    const { page } = await openPage();
    page.on('dialog', () => open[0]?.problems.push('a name ran as a script'));
    await page.locator('.cgroup-name').getByText('<img src=x onerror=alert(1)>\\u{202e}').waitFor();
    const name = '<svg onload=alert(2)>\u2066.txt';
    await page
      .getByLabel('a trace or a log to open')
      .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from('nothing') });
    await page.getByRole('alert').getByText('<svg onload=alert(2)>\\u{2066}.txt').waitFor();
    expect(await page.locator('.mark.is-near-miss').getAttribute('title')).toContain('onerror=alert(1)>\\u{202e}');
    expect(await page.locator('#app img').count()).toBe(0);
    const texts = await page.evaluate<string>(
      `document.body.innerText + [...document.querySelectorAll('[title],[aria-label]')].map((e) => e.title + e.ariaLabel).join()`,
    );
    expect(texts).not.toMatch(/\p{Bidi_Control}|(?!\n)\p{Cc}/u);
  });

  it('the policy stops a script that got in all the same', async () => {
    feed.write(session());
    const { page, problems } = await openPage();
    await page.getByText('No kill yet.').waitFor();
    const outcome = await page.evaluate(`(() => {
      try {
        document.body.innerHTML = '<img src=x onerror="window.hacked = 1">';
      } catch (error) {
        return error.name;
      }
      return 'taken';
    })()`);
    expect(outcome).toBe('TypeError');
    expect(problems.splice(0).join()).toContain('TrustedHTML');
  });
});

describe('what is not whole', () => {
  it('is in the open: no ballot, losses, an incomplete record', async () => {
    feed.write(
      session({
        attachMode: 'tracepoint',
        missing: [
          {
            code: 'NO_BALLOT',
            what: 'Only tracepoints could be attached (fentry: the kernel has no BTF).',
            lost: 'Who triggered it, whose limit was hit, and the candidates with their points.',
            remedy: 'Use a kernel with CONFIG_DEBUG_INFO_BTF.',
          },
          { code: 'NO_EXITS', what: 'tp_exit is not attached.', lost: 'When a victim was gone.', remedy: 'None.' },
        ],
      }),
      sampleLoss({ where: 'ring-kills', count: 3 }),
      sampleEpisode({ candidatesLost: 7, candidatesSeen: 9 }),
      sampleVictim({
        episodeUs: null,
        tUs: 1_200_000_000,
        tid: 900,
        process: sampleProcess({ pid: 900, comm: 'alone' }),
      }),
    );
    const under = await openPage();
    const { page } = under;
    await page.getByText('No ballot: only tracepoints could be attached').waitFor();
    await page.getByText('1 more thing that this host lacks').click();
    await page.getByText('When a victim was gone.').waitFor();
    await page.getByText('CONFIG_DEBUG_INFO_BTF').waitFor();
    await page.getByRole('link', { name: '3 lost' }).waitFor();
    await page.getByText('3 records of kills that the kernel-side ring had no room for').waitFor();
    await page.getByText('alone (pid 900) was killed by the kernel').waitFor();
    await page.locator('#kill-1').click();
    await page.getByText('Incomplete: 7 of 9 candidates lost').waitFor();
    await under.screenshot('not-whole');
  });
});

describe('a person', () => {
  it('who does nothing sees the newest kill; who picked one keeps it', async () => {
    feed.write(session(), ...groupKill(1_010_000_000), ...nodeKill(1_050_000_000));
    const { page } = await openPage();
    const headline = page.getByRole('heading', { level: 1 });
    await headline.getByText('batch-report (pid 2001)').waitFor();
    await page.locator('#kill-1').click();
    await headline.getByText('worker-3 (pid 5003)').waitFor();
    feed.write(...sidecarKill(1_090_000_000));
    await page.getByRole('button', { name: '2 newer' }).waitFor();
    expect(await shownText(headline)).toContain('worker-3 (pid 5003)');

    await page.reload();
    await headline.getByText('worker-3 (pid 5003)').waitFor();
    await page.getByRole('button', { name: '2 newer' }).click();
    await headline.getByText('vector (pid 4790)').waitFor();
  });

  it('clicks the kill that is under the pointer, though another one came since; it is listed when the pointer has gone', async () => {
    feed.write(session(), ...groupKill(1_010_000_000), ...nodeKill(1_050_000_000));
    const { page } = await openPage();
    const headline = page.getByRole('heading', { level: 1 });
    await page.locator('#kill-1').hover();
    feed.write(...sidecarKill(1_090_000_000));
    await headline.getByText('vector (pid 4790)').waitFor();
    await page.getByRole('button', { name: '1 newer' }).waitFor();
    await page.mouse.down();
    await page.mouse.up();
    await headline.getByText('worker-3 (pid 5003)').waitFor();
    await page.mouse.move(700, 5);
    await page.locator('#kill-0 .comm').getByText('vector').waitFor();
    await page.getByRole('button', { name: '2 newer' }).waitFor();
  });

  it('without a mouse goes through kills and candidates with the keys', async () => {
    feed.write(session(), ...groupKill(1_010_000_000), ...nodeKill(1_050_000_000));
    const { page } = await openPage();
    await page.getByRole('listbox', { name: 'kills, the newest first' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('heading', { level: 1 }).getByText('worker-3 (pid 5003)').waitFor();
    await page.getByRole('listbox', { name: '3 candidates, the first to die first' }).focus();
    await page.keyboard.press('End');
    await page.locator('.sum').getByText('worker-1').waitFor();
    expect(await page.getByRole('option', { selected: true }).allInnerTexts()).toHaveLength(2);
  });

  it('may look at runs of the OOM killer that killed nobody', async () => {
    feed.write(
      session(),
      ...sidecarKill(1_090_000_000),
      sampleEpisode({ episodeUs: 1_095_000_000, tUs: 1_095_000_100, outcome: 'victim-dying', choice: null }),
    );
    const { page } = await openPage();
    await page.locator('#kill-0').waitFor();
    expect(await page.locator('#kill-1').count()).toBe(0);
    await page.getByRole('checkbox').check();
    await page.locator('#kill-1').waitFor();
    await page.getByRole('heading', { level: 1 }).getByText('Nobody new was killed').waitFor();
  });
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it.each([1440, 900, 360])('at %i px nothing sticks out', async (width) => {
    feed.write(session());
    const under = await openPage({ colorScheme, viewport: { width, height: 900 } });
    await under.page.getByText('No kill yet.').waitFor();
    await under.screenshot(`empty-${colorScheme}-${width}`);
    expect(await under.overflowPx()).toBe(0);
    feed.write(...groupKill(1_010_000_000), ...nodeKill(1_050_000_000), ...sidecarKill(1_090_000_000));
    for (const [index, name] of ['sidecar', 'node', 'group'].entries()) {
      await under.page.locator(`#kill-${index}`).click();
      await under.page.locator('#candidate-2').waitFor();
      await under.screenshot(`${name}-${colorScheme}-${width}`);
      expect(await under.overflowPx()).toBe(0);
    }
    await under.page.getByText('Raw fields').click();
    await under.page.getByText('This session:').click();
    await under.screenshot(`open-${colorScheme}-${width}`);
    expect(await under.overflowPx()).toBe(0);
    const page = await under.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    expect(page).toBe(colorScheme === 'dark' ? 'rgb(16, 19, 23)' : 'rgb(244, 245, 247)');
  });
});

async function boxOf(locator: ReturnType<PageUnderTest['page']['locator']>) {
  const box = await locator.boundingBox();
  if (box === null) throw new Error('not on the page');
  return box;
}
