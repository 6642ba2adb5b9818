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
  '3.10-el7-node': [
    'httpd (pid 21333) was killed: the whole node ran out of memory.',
    'it had the most points, 601,951 (recomputed), 90,009 (352 MiB) more than httpd (pid 9021)',
  ],
  '3.10-el7-thread': [
    'java (pid 30217) was killed: /kubepods/pod4c, above its cgroup /kubepods/pod4c/77ab, hit its limit of 512 MiB; it was java (thread 30260) that asked for memory.',
    'it was the only process that could be killed',
  ],
  '4.4-arm32-node': [
    'node (pid 811) was killed: the whole node ran out of memory.',
    'it was the only process that could be killed',
  ],
  '4.9-memcg-split': [
    'foo (pid 900) was killed: its cgroup /docker/abc hit its own limit of 100 MiB.',
    'it was the only process that could be killed',
  ],
  '4.14-memcg-ancestor': [
    'java (pid 4000100) was killed: /kubepods.slice/a.slice, above its cgroup /kubepods.slice/a.slice/docker-1.scope, hit its limit of 1 GiB; it was x (thread 4000001) that asked for memory.',
    'it had the most points, 487,762 (recomputed), 200,139 (782 MiB) more than x (pid 4000000); its oom_score_adj of 999 added 261,738 of them, and without that x (pid 4000000) would have died',
  ],
  '4.18-el8-node': [
    'operator (pid 70388) was killed: the whole node ran out of memory; it was operator (thread 70412) that asked for memory.',
    'it had the most points, 4,982,727 (recomputed), 4,272,674 (16.3 GiB) more than catalog (pid 70401); its oom_score_adj of 996 added 4,078,620 of them',
  ],
  '4.18-ppc64le-memcg': [
    'stress-ng (pid 30122) was killed: its cgroup /job hit its own limit of 1 GiB.',
    'it had the most points, 16,107 (recomputed), 15,993 (1000 MiB) more than bash (pid 30100)',
  ],
  '5.4-allocating-task': [
    'tail (pid 1800) was killed: the whole node ran out of memory.',
    'vm.oom_kill_allocating_task is set: whoever asks for memory dies, nobody is compared',
  ],
  '5.10-v1-memcg': [
    'node (pid 7001) was killed: its cgroup /ecs/77aa/88bb hit its own limit of 512 MiB.',
    'it had the most points, 133,472 (recomputed), 133,461 (521 MiB) more than tini (pid 6980)',
  ],
  '6.1-arm64-node': [
    'chromium-browse (pid 2312) was killed: the whole node ran out of memory; it was chromium-browse (pid 2201) that asked for memory.',
    'it had the most points, 608,225 (recomputed), 109,377 (427 MiB) more than chromium-browse (pid 2201); its oom_score_adj of 300 added 299,100 of them, and without that chromium-browse (pid 2201) would have died',
  ],
  '6.5-memcg-names': [
    '(sd-pam) [x] (pid 900) was killed: its cgroup /a b/c:d hit its own limit of 100 MiB.',
    'it had the most points, 25,620 (recomputed), 25,400 (99.2 MiB) more than 1 2 3 (pid 901)',
  ],
  '6.8-mempolicy': [
    'bwtest (pid 20411) was killed: the memory nodes that a mempolicy allows (1) ran out.',
    'it had the most points, 599,291 (recomputed), 592,121 (2.3 GiB) more than agent (pid 1402)',
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
