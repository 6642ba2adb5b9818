import { expect, it } from 'vitest';
import { parseFlags } from './kubelet.js';

it("flags are read in each of Go's spellings", () => {
  const argv = [
    '/usr/bin/kubelet',
    '--config=/a b.yaml',
    '--eviction-hard',
    'memory.available<1Gi',
    '-v=2',
    '--fail-swap-on',
    '--x',
  ];
  expect(parseFlags(argv)).toEqual({
    config: '/a b.yaml',
    'eviction-hard': 'memory.available<1Gi',
    v: '2',
    'fail-swap-on': 'true',
    x: 'true',
  });
});
