import { expect, it } from 'vitest';
import { KillStream } from './harness/kill-stream.js';
import { leftOf, NOTHING_LEFT } from './harness/leftovers.js';
import { Recording } from './harness/recording.js';
import { describeOnKernels, type Vm } from './harness/vm.js';

/** Another size of a ring makes another set of programs: what a new version does, without building one. */
const OTHER_VERSION = ['--no-server', '--ballot-ring-bytes', '1048576'];
const KEEP_PINS = ['--no-server', '--keep-pins'];

/** The reader is then likely to end in the middle of one. */
const LONG_EPISODES = { sleepers: 100 };

const pidsOf = (killed: readonly { readonly pid: number }[]) => killed.map(({ pid }) => pid);

async function pinnedSets(vm: Vm): Promise<string[]> {
  return (await vm.succeed('cd /sys/fs/bpf/oomscope && ls -d set-*')).trim().split('\n');
}

/** Makes pinned programs those of a version of tomorrow, by the name that tells their layout. */
async function pretendOtherLayout(vm: Vm): Promise<void> {
  await vm.succeed(
    'cd /sys/fs/bpf/oomscope && for set in set-*; do mv $set $(echo $set | sed "s/-v[0-9]*-/-v999-/"); done',
  );
}

describeOnKernels('the kernel side outlives its reader', (vm) => {
  it('after kill -9 and 20 kills the next start tells each of them once, marks the gap, and leaves nothing at its end', async () => {
    const first = await Recording.start(vm());
    const before = await KillStream.run(vm(), 1);
    await expect.poll(() => first.markedPids).toEqual(pidsOf(before));
    // What was told is given back to the kernel before the next is told: until then the next process would tell it again.
    const toldUs = first.events.at(-1)?.tUs ?? Number.NaN;
    await expect.poll(() => first.events.at(-1)?.tUs).toBeGreaterThan(toldUs + 1_000_000);
    await first.kill9();
    const killed = await KillStream.run(vm(), 20);

    const second = await Recording.start(vm());
    await second.stop();
    expect(second.markedPids).toEqual(pidsOf(killed));
    expect(second.kills.map(({ choice }) => choice?.process.pid)).toEqual(pidsOf(killed));
    expect(second.lost).toEqual({});
    const { adopted } = second.session;
    expect(adopted?.how).toBe('adopted');
    for (const { tUs, episodeUs } of second.kills) {
      expect(episodeUs).toBeGreaterThan(adopted?.gapFromUs ?? Number.NaN);
      expect(tUs).toBeLessThan(adopted?.gapToUs ?? Number.NaN);
    }
    // The reader was there until a beat before it was killed: no longer is the gap.
    const lastRead = first.kills.at(-1)?.tUs ?? Number.NaN;
    expect(adopted?.gapFromUs).toBeGreaterThan(lastRead - 2_000_000);
    expect(await leftOf(vm())).toEqual(NOTHING_LEFT);
  });

  it('a second instance and doctor --detach name the first one and its page, and take nothing from it', async () => {
    const first = await Recording.start(vm(), ['--port', '0']);
    const kills = await KillStream.start(vm());
    const attempts = await Promise.all([Recording.attempt(vm(), OTHER_VERSION), vm().exec('oomscope doctor --detach')]);
    await kills.more(1);
    const killed = await kills.end();
    const pid = (await vm().succeed("pgrep -f 'dist/cli[.]js live'")).trim();
    await first.stop();

    const url = /http:\S+/.exec(first.process.stderr)?.[0] ?? '';
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    for (const { status, stdout, stderr } of attempts) {
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^oomscope: E_ALREADY_RUNNING: .+\n$/);
      expect(stderr).toContain(` ${pid}.`);
      expect(stderr).toContain(` ${url},`);
    }
    expect(first.markedPids).toEqual(pidsOf(killed));
    expect(await leftOf(vm())).toEqual(NOTHING_LEFT);
  });

  it('an upgrade in the middle of kills loses none and doubles none', async () => {
    const old = await Recording.start(vm(), KEEP_PINS);
    const kills = await KillStream.start(vm(), LONG_EPISODES);
    await kills.more(5);
    await old.stop();
    const oldSets = await pinnedSets(vm());
    const upgraded = await Recording.start(vm(), OTHER_VERSION);
    // The replaced programs are read for a moment more, then they are gone.
    await expect.poll(() => pinnedSets(vm()), { timeout: 60_000 }).toHaveLength(1);
    await kills.more(5);
    const newSets = await pinnedSets(vm());
    const killed = await kills.end();
    await upgraded.stop();

    expect(upgraded.session.adopted?.how).toBe('replaced');
    expect([oldSets.length, newSets.length]).toEqual([1, 1]);
    expect(newSets).not.toEqual(oldSets);
    expect([...old.markedPids, ...upgraded.markedPids]).toEqual(pidsOf(killed));
    const chosen = [...old.kills, ...upgraded.kills].map(({ choice }) => choice?.process.pid);
    expect(chosen).toEqual(pidsOf(killed));
    expect(old.lost).toEqual({});
    // Nobody reads for as long as the start takes: a ballot that then finds no room is told, and no kill is lost by it.
    const candidatesLost = upgraded.kills.reduce((sum, kill) => sum + (kill.candidatesLost ?? Number.NaN), 0);
    expect(upgraded.lost).toEqual(candidatesLost === 0 ? {} : { 'ring-ballot': candidatesLost });
    expect(upgraded.kills.filter(({ recordsLost }) => recordsLost !== 0)).toEqual([]);
    // What the test is worth: kills that nobody read at the time, and kills after the hand-over.
    const { gapFromUs = 0, gapToUs = 0 } = upgraded.session.adopted ?? {};
    expect(old.kills.length).toBeGreaterThanOrEqual(5);
    expect(upgraded.kills.filter(({ tUs }) => tUs > gapFromUs && tUs < gapToUs).length).toBeGreaterThan(0);
    expect(upgraded.kills.filter(({ tUs }) => tUs > gapToUs).length).toBeGreaterThanOrEqual(5);
    expect(await leftOf(vm())).toEqual(NOTHING_LEFT);
  });

  it('kill -9 in the middle of kills loses none; what is told twice is told alike', async () => {
    const first = await Recording.start(vm());
    const kills = await KillStream.start(vm(), LONG_EPISODES);
    await kills.more(5);
    await first.kill9();
    await kills.more(5);
    const killed = await kills.end();
    const second = await Recording.start(vm());
    await second.stop();

    const told = [...first.kills, ...second.kills];
    const byPid = new Map(told.map((kill) => [kill.choice?.process.pid, kill]));
    expect([...byPid.keys()]).toEqual(pidsOf(killed));
    for (const kill of told) {
      expect(kill).toEqual(byPid.get(kill.choice?.process.pid));
      expect(kill.candidates.length).toBeGreaterThan(LONG_EPISODES.sleepers);
    }
    expect(second.lost).toEqual({});
  });

  it('pins with a record layout that nobody here knows are counted as lost and removed; --detach removes any', async () => {
    const unknown = await Recording.start(vm(), KEEP_PINS);
    await unknown.stop();
    // Unread: 3 kills in the rings of a version of tomorrow.
    await KillStream.run(vm(), 3);
    await pretendOtherLayout(vm());
    const recording = await Recording.start(vm(), KEEP_PINS);
    const sets = await pinnedSets(vm());
    const killed = await KillStream.run(vm(), 2);
    await recording.stop();

    expect(recording.session.adopted?.how).toBe('replaced');
    expect(sets).toEqual([expect.not.stringContaining('-v999-')]);
    expect(recording.lost).toEqual({ undecodable: expect.any(Number) });
    expect(recording.lost.undecodable).toBeGreaterThan(3 * 200);
    expect(recording.of('/loss')[0]?.meaning).toContain('record layout 999');
    expect(recording.markedPids).toEqual(pidsOf(killed));

    await pretendOtherLayout(vm());
    const detached = await vm().exec('oomscope doctor --detach');
    expect(detached).toMatchObject({ status: 0, stderr: '' });
    expect(detached.stdout).toMatch(/^removed .*\/set-.*: \d+ attached programs\nremoved \/sys\/fs\/bpf\/oomscope\n$/);
    expect(await leftOf(vm())).toEqual(NOTHING_LEFT);
  });
});
