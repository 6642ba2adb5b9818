import { describe, expect, it } from 'vitest';
import { allowedHosts, parsePublicUrl } from './allowed-hosts.js';

const LOOPBACK = { port: 7070, isTls: false, isOpen: false };

describe('without a public URL', () => {
  const allowed = allowedHosts({ ...LOOPBACK, publicUrl: null });

  it.each(['localhost:7070', 'LOCALHOST:7070', '127.0.0.1:7070', '127.8.8.8:7070', '[::1]:7070'])(
    'a browser that asked for %s is at the right place',
    (host) => {
      expect(allowed.host(host)).toBe(true);
      expect(allowed.origin(`http://${host.toLowerCase()}`, host)).toBe(true);
    },
  );

  it.each([
    undefined,
    '',
    'localhost',
    'localhost:7071',
    'evil.example:7070',
    'localhost.evil.example:7070',
    '127.0.0.1.evil.example:7070',
    'evil.example@localhost:7070',
    'localhost:7070/evil',
    '0.0.0.0:7070',
    '10.0.0.1:7070',
    '[::]:7070',
    '[::ffff:10.0.0.1]:7070',
    'localhost:99999',
    'localhost:7070, evil.example',
  ])('a request for %s is refused', (host) => {
    expect(allowed.host(host)).toBe(false);
  });

  it.each([
    'null',
    '',
    'http://evil.example',
    'http://evil.example:7070',
    'https://localhost:7070',
    'http://localhost',
    'file://',
    'http://localhost:7070.evil.example',
  ])('a page of origin %s may not connect', (origin) => {
    expect(allowed.origin(origin, undefined)).toBe(false);
  });

  it('a client that is no browser may connect', () => {
    expect(allowed.origin(undefined, undefined)).toBe(true);
  });
});

describe('with a public URL', () => {
  it('a forwarded loopback port is good under every loopback name, and our own port still is', () => {
    const allowed = allowedHosts({ ...LOOPBACK, publicUrl: parsePublicUrl('http://127.0.0.1:8080') });
    for (const host of ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080', 'localhost:7070']) {
      expect(allowed.host(host)).toBe(true);
      expect(allowed.origin(`http://${host}`, undefined)).toBe(true);
    }
    expect(allowed.host('localhost:8081')).toBe(false);
  });

  it('a public name is good with its own port and scheme only', () => {
    const allowed = allowedHosts({ ...LOOPBACK, publicUrl: parsePublicUrl('https://oomscope.example') });
    expect(allowed.host('oomscope.example')).toBe(true);
    expect(allowed.host('oomscope.example:443')).toBe(true);
    expect(allowed.host('oomscope.example:7070')).toBe(false);
    expect(allowed.origin('https://oomscope.example', undefined)).toBe(true);
    expect(allowed.origin('http://oomscope.example', undefined)).toBe(false);
  });

  it.each(['', 'localhost:8080', 'ftp://localhost', 'http://localhost/page', 'http://localhost/?x'])(
    '%s is refused as public URL',
    (text) => {
      expect(() => parsePublicUrl(text)).toThrow(/public URL/);
    },
  );
});
