import { describe, expect, it } from 'vitest';
import { moduleName, modulesToLoad } from './module-order.js';

const MODULES_DEP = `kernel/net/9p/9pnet.ko: kernel/fs/netfs.ko
kernel/fs/netfs.ko:
kernel/drivers/virtio/virtio.ko.xz:
kernel/drivers/virtio/virtio_ring.ko.xz: kernel/drivers/virtio/virtio.ko.xz
kernel/net/9p/9pnet_virtio.ko: kernel/net/9p/9pnet.ko kernel/drivers/virtio/virtio_ring.ko.xz kernel/drivers/virtio/virtio.ko.xz kernel/fs/netfs.ko
`;

describe('kernel modules', () => {
  it('each comes after what it needs, and once', () => {
    expect(modulesToLoad(MODULES_DEP, ['9pnet_virtio', 'virtio_ring'])).toEqual([
      'kernel/fs/netfs.ko',
      'kernel/drivers/virtio/virtio.ko.xz',
      'kernel/drivers/virtio/virtio_ring.ko.xz',
      'kernel/net/9p/9pnet.ko',
      'kernel/net/9p/9pnet_virtio.ko',
    ]);
  });

  it('a name that is not listed is built into the kernel', () => {
    expect(modulesToLoad(MODULES_DEP, ['overlay', 'netfs'])).toEqual(['kernel/fs/netfs.ko']);
  });

  it('- and _ name the same module', () => {
    expect(moduleName('kernel/a/snd-hda-intel.ko.xz')).toBe('snd_hda_intel');
    expect(modulesToLoad('kernel/a/virtio-pci.ko:\n', ['virtio_pci'])).toEqual(['kernel/a/virtio-pci.ko']);
  });
});
