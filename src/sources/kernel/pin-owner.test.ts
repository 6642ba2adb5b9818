import { describe, expect, it } from 'vitest';
import { OWNER_BYTES, ownerFromBytes, ownerToBytes } from './pin-owner.js';

const owner = { pid: 4711, url: 'http://127.0.0.1:7070', version: '0.1.0' };

describe('the owner of the pins', () => {
  it('is read as it was written', () => {
    expect(ownerToBytes(owner)).toHaveLength(OWNER_BYTES);
    expect(ownerFromBytes(ownerToBytes(owner))).toEqual(owner);
    expect(ownerFromBytes(ownerToBytes({ ...owner, url: null }))?.url).toBeNull();
  });

  it('loses a URL that does not fit, and keeps the pid', () => {
    expect(ownerFromBytes(ownerToBytes({ ...owner, url: `http://${'x'.repeat(600)}` }))).toEqual({
      ...owner,
      url: null,
    });
  });

  it('is nobody before it was written, and when it is not ours', () => {
    expect(ownerFromBytes(new Uint8Array(OWNER_BYTES))).toBeNull();
    for (const text of ['garbage', '[]', 'null', '{"pid":"x"}']) {
      expect(ownerFromBytes(new TextEncoder().encode(text))).toBeNull();
    }
  });

  it('of another version may know less or more', () => {
    const bytes = new TextEncoder().encode('{"pid":1,"colour":"blue"}');
    expect(ownerFromBytes(bytes)).toEqual({ pid: 1, url: null, version: '' });
  });
});
