import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseContainerLink, parsePodFolder, podOfLinkTarget } from './log-names.js';

const UID = '3f1c9a52-7d1e-4a0b-9c55-0123456789ab';
const ID = 'b'.repeat(64);

describe("names of kubelet's log files", () => {
  it('tell namespace, pod and uid, also of a static pod', () => {
    expect(parsePodFolder(`shop_web-1_${UID}`)).toEqual({ namespace: 'shop', pod: 'web-1', podUid: UID });
    const hash = '0123456789abcdef0123456789abcdef';
    expect(parsePodFolder(`kube-system_etcd-node-1_${hash}`)?.podUid).toBe(hash);
    expect(podOfLinkTarget(`/var/log/pods/shop_web-1_${UID}/vector/0.log`)?.pod).toBe('web-1');
  });

  it('tell the container and its id, whatever dashes and dots are in the names', () => {
    expect(parseContainerLink(`web-1.a_shop_log-shipper-2-${ID}.log`)).toEqual({
      namespace: 'shop',
      pod: 'web-1.a',
      container: 'log-shipper-2',
      containerId: ID,
    });
  });

  it('are left alone when they are something else', () => {
    for (const name of ['', 'x', `shop_${UID}`, `a_b_c_${UID}`, `__${UID}`, `shop_web_${UID}.old`]) {
      expect(parsePodFolder(name), name).toBeNull();
    }
    for (const name of ['', `web_shop_app-${ID}`, `web_shop_app-${ID.slice(1)}.log`, `shop_app-${ID}.log`]) {
      expect(parseContainerLink(name), name).toBeNull();
    }
    expect(podOfLinkTarget('/var/lib/docker/containers/x/x-json.log')).toBeNull();
    expect(podOfLinkTarget('')).toBeNull();
  });

  it('are never taken apart wrongly', () => {
    const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, name, name, (namespace, pod, container) => {
        expect(parsePodFolder(`${namespace}_${pod}_${UID}`)).toEqual({ namespace, pod, podUid: UID });
        const link = { namespace, pod, container, containerId: ID };
        expect(parseContainerLink(`${pod}_${namespace}_${container}-${ID}.log`)).toEqual(link);
      }),
    );
  });
});
