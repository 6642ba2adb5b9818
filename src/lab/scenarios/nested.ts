import { MIB, type Scenario } from './scenario.js';

export const nested: Scenario = {
  name: 'nested',
  summary: 'A worker within its own limit runs into the limit of the cgroup above.',
  shows: 'Three cgroups of one kill: who asked for memory, who was killed, whose limit was hit.',
  expected: 'cache dies, though worker asked: /shop is full, and cache holds most of it.',
  pauseMs: 8_000,
  async play(stage) {
    await stage.cgroup('/shop', { maxBytes: 96 * MIB, swapMaxBytes: 0 });
    const workers = await stage.cgroup('/shop/workers', { maxBytes: 512 * MIB });
    const caches = await stage.cgroup('/shop/caches', { maxBytes: 512 * MIB });
    await stage.hog('bystander', caches, { comm: 'cache', anonBytes: 60 * MIB });
    const worker = await stage.hog('trigger', workers, { comm: 'worker', wait: true, growBytes: 50 * MIB });
    stage.say('worker takes 50 MiB; its own limit is 512 MiB, that of /shop 96 MiB.');
    worker.start();
    await worker.untilOrEnd('grown');
  },
};
