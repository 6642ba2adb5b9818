import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KillEvent } from '../../src/events/kill.js';
import { PROJECT_ROOT } from '../../src/lab/project.js';
import { applyEvents, initialModel } from '../../src/model/fold.js';
import { findKillCause, isOrdinaryStop } from '../../src/model/user-kill.js';
import { CaseCollector } from '../../src/report/explain/case.js';
import { Containerd } from './harness/containerd.js';
import { Recording } from './harness/recording.js';
import { SentSignals } from './harness/sent-signals.js';
import { describeOnKernels } from './harness/vm.js';

const HOME = '/run/ordinary';
/** What takes a minute can take several where others want the processor. */
const TIMEOUT_MS = 600_000;
const POD = '/kubepods/burstable/pod3f1c9a52-7d1e-4a0b-9c55-0123456789ab';

/** A program of the lab, and C++ that takes long enough to be interrupted. */
const MAKEFILE = `
hog: hog.o hog_memory.o hog_options.o hog_tasks.o program.o; cc -static -pthread -o $@ $^
%.o: ${PROJECT_ROOT}/lab/victims/%.c; cc -std=gnu11 -O2 -D_GNU_SOURCE -c -o $@ $<
long: watched_cgroups.o cgroup_walk.o memory_files.o hardening.o
%.o: ${PROJECT_ROOT}/native/%.cc; c++ -std=c++17 -O2 -I${PROJECT_ROOT}/bpf -c -o $@ $<
`;
const NINJA_FILE = `
rule cxx
  command = c++ -std=c++17 -O2 -I${PROJECT_ROOT}/bpf -c -o $out $in
build watched_cgroups.o: cxx ${PROJECT_ROOT}/native/watched_cgroups.cc
build memory_files.o: cxx ${PROJECT_ROOT}/native/memory_files.cc
`;

const DEBUG_PORT = 9222;
const BROWSER = [
  ...['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', `--remote-debugging-port=${DEBUG_PORT}`],
].join(' ');

/** Starts what it is given in a session of its own, as Node's test tools do, and ends all of it once there is a page. */
const TOOL = `
  const { spawn, execFileSync } = require('node:child_process');
  const [program, ...args] = process.argv.slice(2);
  const { pid } = spawn(program, args, { detached: true, stdio: 'ignore' }).on('exit', () => process.exit());
  const timer = setInterval(() => {
    if (execFileSync('ps', ['-eo', 'args']).includes('--type=renderer')) {
      clearInterval(timer);
      process.kill(-pid, 'SIGKILL');
    }
  }, 300);
`;

/** The shell stands in a cgroup of its own, as everybody does on a real host. */
const PRELUDE = `
  set -e
  mkdir -p /sys/fs/cgroup/shell ${HOME} && echo $$ > /sys/fs/cgroup/shell/cgroup.procs
  cd ${HOME}
  running() { until [ "$(pgrep -xc "$1")" -ge "$2" ]; do sleep 0.1; done; }
  gone() { while pgrep -x "$1" > pids; do sleep 0.1; done; }
  ask() { curl -sS "$@" 2> refused || true; }
  titles() { ask http://127.0.0.1:${DEBUG_PORT}/json/list | grep -oP '"title": "\\K[^"]+'; }
  drawn() { until titles | grep -qx "$1"; do sleep 0.3; done; }
`;

describeOnKernels('ordinary life is no incident', (vm) => {
  let recording: Recording;
  let signals: SentSignals;

  beforeAll(async () => {
    signals = await SentSignals.start(vm());
    recording = await Recording.start(vm());
  });
  afterAll(async () => {
    await recording.stop();
    await signals.stop();
    await vm().exec(`rm -rf ${HOME}`);
  });

  const script = (text: string) => vm().succeed(`${PRELUDE}${text}`, { timeoutMs: TIMEOUT_MS - 100_000 });
  const incidents = () => applyEvents(initialModel, recording.events).incidents;

  /** That nothing was recorded since `forget()`. What comes last has been: then so would have been all before. */
  async function expectNoTrace(): Promise<void> {
    await vm().succeed(`cd /sys/fs/cgroup && mkdir -p last; sleep 1000 & echo $! > last/cgroup.procs
      kill -9 $!; wait || true; rmdir last`);
    const kills = () => recording.of('/kill');
    const isLast = ({ target }: KillEvent) => target.cgroupPath === '/last';
    const hasEnded = () => kills().some((kill) => isLast(kill) && kill.step === 'exited');
    await expect.poll(hasEnded, { timeout: 60_000 }).toBe(true);
    const others = kills().filter((kill) => !isLast(kill));
    expect(others.map(({ step, signal, sender, target }) => ({ step, signal, sender, target }))).toEqual([]);
    expect(incidents()).toEqual([]);
    expect(recording.lost).toEqual({});
  }

  it(
    'a thousand short processes, and job control',
    async () => {
      recording.forget();
      await script(`
      for n in $(seq 1000); do /bin/true; done
      seq 40 | xargs -P 8 -n 1 sh -c 'timeout -s TERM 0.01 sleep 5; :' || true
      set -m; sleep 60 & sleep 60 & running sleep 2; kill %1; kill -9 %2; wait || true
      (sleep 60 | cat) & running cat 1; kill -- -$!; wait || true`);
      const expected = [
        expect.stringMatching(/^timeout SIGTERM /),
        'bash SIGTERM sleep',
        'bash SIGKILL sleep',
        'bash SIGTERM cat',
      ];
      expect(await signals.take()).toEqual(expect.arrayContaining(expected));
      await expectNoTrace();
    },
    TIMEOUT_MS,
  );

  it(
    'a build in parallel, and builds that are interrupted',
    async () => {
      recording.forget();
      await vm().succeed(`mkdir -p ${HOME}`);
      await vm().writeFile(`${HOME}/Makefile`, MAKEFILE);
      await vm().writeFile(`${HOME}/build.ninja`, NINJA_FILE);
      const built = await script(`
      make -s -j2 hog && ./hog --help
      set -m
      make -s -j2 long & running cc1plus 2; kill -- -$!; wait || true; gone cc1plus
      make -s -j2 long & running cc1plus 2; kill $!; wait || true; pkill -x cc1plus || true
      ninja -j2 & running cc1plus 2; kill $!; wait || true; gone cc1plus`);
      expect(built).toContain('--anon SIZE');
      const expected = ['bash SIGTERM cc1plus', 'make SIGTERM c++', 'ninja SIGTERM cc1plus'];
      expect(await signals.take()).toEqual(expect.arrayContaining(expected));
      await expectNoTrace();
    },
    TIMEOUT_MS,
  );

  it(
    'a browser that draws pages, closes one, and is told to end',
    async () => {
      recording.forget();
      await script(`
      ${BROWSER} --user-data-dir=profile 'data:text/html,<script>document.title = 6 * 7</script>' > browser.log 2>&1 &
      browser=$!; drawn 42
      tab=$(ask -X PUT 'http://127.0.0.1:${DEBUG_PORT}/json/new?data:text/html,<script>document.title=6*8</script>'); drawn 48
      ask "http://127.0.0.1:${DEBUG_PORT}/json/close/$(grep -oP '"id": "\\K[^"]+' <<< "$tab")"
      while titles | grep -qx 48; do sleep 0.3; done
      kill $browser; wait $browser; gone chromium`);
      expect(await signals.take()).toContain('bash SIGTERM chromium');
      await expectNoTrace();
    },
    TIMEOUT_MS,
  );

  it(
    'a browser that is ended with all its processes by the tool that started it',
    async () => {
      recording.forget();
      await vm().writeFile(`${HOME}/tool.cjs`, TOOL);
      await script(`node tool.cjs ${BROWSER} --user-data-dir=profile about:blank; gone chromium`);
      expect(await signals.take()).toContain('node SIGKILL chromium');
      await expectNoTrace();
    },
    TIMEOUT_MS,
  );

  it(
    'a container that is stopped, in time or by force after it, is told as just that',
    async () => {
      recording.forget();
      const containerd = await Containerd.start(vm());
      const run = (name: string, id: string, text: string) =>
        containerd.runScript(name, `${POD}/${id.repeat(64)}`, text);
      const polite = run('polite', 'a', 'trap "exit 0" TERM; echo ready; sleep 1000 & wait');
      const deaf = run('deaf', 'b', 'trap "" TERM; echo ready; sleep 1000; :');
      await Promise.all([polite, deaf].map((container) => container.lineWith('ready')));
      await containerd.end('polite');
      expect((await polite.exited).status).toBe(0);
      await containerd.end('deaf');
      await containerd.end('deaf', 'SIGKILL');
      expect((await deaf.exited).status).toBe(128 + 9);
      await containerd.stop();
      const stops = () => {
        const collector = new CaseCollector();
        collector.write(recording.events);
        return collector.userCases().map(({ kill, memory }) => {
          const finding = findKillCause(kill, memory);
          const ends = kill.targets.map(({ steps }) => steps.at(-1)?.step);
          return { signal: kill.signal, ends, isOrdinary: isOrdinaryStop(kill, finding), cause: finding.cause };
        });
      };
      // The shell that does not listen is not even told: the kernel drops a signal that is ignored.
      const stop = { ends: ['exited'], isOrdinary: true, cause: { kind: 'runtime-stop', forKubelet: true } };
      await expect.poll(stops).toEqual([
        { signal: 'SIGTERM', ...stop },
        { signal: 'SIGKILL', ...stop },
      ]);
      expect(incidents()).toEqual([]);
      expect(recording.lost).toEqual({});
    },
    TIMEOUT_MS,
  );
});
