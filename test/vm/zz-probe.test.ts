import { it } from 'vitest';
import { Recording } from './harness/recording.js';
import { describeOnKernels } from './harness/vm.js';

describeOnKernels('probe', (vm) => {
  it('x', async () => {
    const t0 = performance.now();
    const t = (s: string) => console.log(((performance.now() - t0) / 1000).toFixed(1), s);
    const r = await Recording.start(vm(), ['--no-server', '--keep-pins']);
    t('started');
    await vm().scenario('storm --kills 120');
    t('storm 120');
    t(JSON.stringify(r.kills.map((k) => Math.round((k.tUs - (r.kills[0]?.tUs ?? 0)) / 1000))));
    await r.stop();
    t('stopped');
    t(JSON.stringify(r.lost));
    t(await vm().succeed('cd /sys/fs/bpf/oomscope; S=$(ls -d set*); mv $S ${S/v1/v999}; ls'));
    const r2 = await Recording.start(vm());
    t(JSON.stringify(r2.session));
    await r2.stop();
    t(JSON.stringify(r2.events.slice(1)));
    t(await vm().succeed('cd /sys/fs/bpf; ls; bpftool -j prog show'));
  });
});
