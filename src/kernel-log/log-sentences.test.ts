import { describe, expect, it } from 'vitest';
import { importedEvents } from '../../test/support/imported-log.js';
import { KERNEL_LOGS, kernelLog } from '../../test/support/kernel-logs.js';
import { CARRIERS } from '../../test/support/log-carriers.js';
import { applyEvents, initialModel } from '../model/fold.js';
import { summarize } from '../model/summary.js';

/** What a person reads of each log: the sentence, and why this one. */
const SENTENCES: Readonly<Record<string, readonly [headline: string, chosen: string | null]>> = {
  '3.10-memcg': [
    'java (pid 4701) was killed: /docker/3f2a91d0c7b4, above its cgroup /docker/3f2a91d0c7b4/worker, hit its limit of 512 MiB.',
    'it had the most points, 130,635 (recomputed), 130,313 (509 MiB) more than start.sh (pid 4690)',
  ],
  '3.10-node': [
    'Web Content (pid 1601) was killed and with it 1 process that shares its memory: the whole node ran out of memory; it was postgres (pid 1532) that asked for memory.',
    'it had the most points, 432,278 (recomputed), 417,868 (1.6 GiB) more than postgres (pid 1532)',
  ],
  '3.10-panic': ['Nobody was killed: the kernel panicked instead: the whole node ran out of memory.', null],
  '3.16-memcg-split': [
    'stress (pid 3897) was killed: /jobs, above its cgroup /jobs/7, hit its limit of 100 MiB.',
    'it had the most points, 25,623 (recomputed), 25,593 (100.0 MiB) more than stress (pid 3893)',
  ],
  '4.4-memcg': [
    'node (pid 18112) was killed: its cgroup /kubepods/besteffort/pod11/a8c1f4be0d hit its own limit of 200 MiB.',
    'it had the most points, 101,114 (recomputed), 101,113 (395 MiB) more than pause (pid 18080); its oom_score_adj of 999 added 50,949 of them',
  ],
  '4.14-node': [
    'mysqld (pid 2244) was killed: the whole node ran out of memory; it was mysqld (thread 2251) that asked for memory.',
    'it had the most points, 1,874,143 (recomputed), 1,873,304 (7.1 GiB) more than systemd-journal (pid 1312)',
  ],
  '4.19-memcg-group': [
    'worker (pid 911) was killed and with it 2 other processes of its memory.oom.group: /batch, above its cgroup /batch/job, hit its limit of 50 MiB.',
    'it had the most points, 12,516 (recomputed), 12,294 (48.0 MiB) more than helper: a (b) (pid 912)',
  ],
  '5.0-memcg': [
    'python3 (pid 3410) was killed: its cgroup /user/notebook hit its own limit of 128 MiB.',
    'it was the only process that could be killed',
  ],
  '5.4-memcg-v1': [
    'redis-server (pid 7863) was killed: its cgroup /kubepods/pod8a/c0ffee hit its own limit of 64 MiB.',
    'it had the most points, 8,103 (recomputed), 8,102 (31.6 MiB) more than pause (pid 7513); its oom_score_adj of -997 took 15,952 of them',
  ],
  '5.10-cpuset': [
    'numa_hog (pid 88120) was killed: the memory nodes of a cpuset ran out.',
    'it was the only process that could be killed',
  ],
  '5.15-memcg-group': [
    'php-fpm (pid 23954) was killed and with it 1 other process of its memory.oom.group: /kubepods.slice/kubepods-burstable.slice/pod9.slice, above its cgroup /kubepods.slice/kubepods-burstable.slice/pod9.slice/cri-containerd-77aa.scope, hit its limit of 256 MiB.',
    'it had the most points, 123,372 (recomputed), 55,698 (218 MiB) more than php-fpm (pid 23921); its oom_score_adj of 992 added 64,480 of them, and without that php-fpm (pid 23921) would have died',
  ],
  '6.1-no-candidate': ['Nobody was killed: no process could be: the cgroup /keeper hit its limit of 20 MiB.', null],
  '6.1-sysrq': [
    'unattended-upgr (pid 651) was killed: somebody asked the kernel for a kill (sysrq-f).',
    'it had the most points, 5,258 (recomputed), 4,193 (16.4 MiB) more than bash (pid 877)',
  ],
  '6.6-memcg-ancestor': [
    'myapp (pid 40111) was killed: /kubepods.slice/kubepods-pod94.slice, above its cgroup /kubepods.slice/kubepods-pod94.slice/cri-containerd-46b3.scope, hit its limit of 2 GiB; it was vector-worker (thread 41120) that asked for memory.',
    'it had the most points, 653,946 (recomputed), 152,375 (595 MiB) more than vector (pid 41101); its oom_score_adj of 280 added 146,720 of them',
  ],
  '6.12-memcg': [
    'next-build (v16 (pid 3963629) was killed: its cgroup /user.slice/user-1000.slice/user@1000.service/app.slice/run-p3963628.scope hit its own limit of 1.8 GiB; it was next-build (v16 (thread 3963701) that asked for memory.',
    'it had the most points, 483,020 (recomputed), 482,072 (1.8 GiB) more than sh (pid 3963628)',
  ],
  '6.18-node': [
    'chrome (pid 9981) was killed: the whole node ran out of memory; it was chrome (pid 11190) that asked for memory.',
    'it had the most points, 2,013,851 (recomputed), 41,685 (163 MiB) more than chrome (pid 11190); its oom_score_adj of 300 added 1,499,700 of them, and without that chrome (pid 11190) would have died',
  ],
};

describe('a kernel log in a sentence', () => {
  it.each(KERNEL_LOGS)('%s', (name) => {
    const events = importedEvents(CARRIERS[0]?.write(kernelLog(name)) ?? '');
    const [incident] = applyEvents(initialModel, events).incidents;
    if (incident === undefined) throw new Error('no incident');
    const { headline, chosen } = summarize(incident);
    expect([headline, chosen]).toEqual(SENTENCES[name]);
  });
});
