/** Who holds the pin directory, as written into the pinned value `owner`. */
export interface Owner {
  readonly pid: number;
  /** Where its page is; null = it serves none. */
  readonly url: string | null;
  readonly version: string;
}

/** Room for any URL that a server of ours prints. */
export const OWNER_BYTES = 512;

/** JSON, so that another version can read it, filled up with NUL. A URL that does not fit is left out. */
export function ownerToBytes(owner: Owner): Uint8Array {
  const encode = (value: Owner) => new TextEncoder().encode(JSON.stringify(value));
  const text = encode(owner);
  const bytes = new Uint8Array(OWNER_BYTES);
  bytes.set(text.length < OWNER_BYTES ? text : encode({ ...owner, url: null }));
  return bytes;
}

/** Null = nothing was written yet, or it is not ours. */
export function ownerFromBytes(bytes: Uint8Array): Owner | null {
  const end = bytes.indexOf(0);
  const text = new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end));
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number') return null;
    const url = 'url' in value && typeof value.url === 'string' ? value.url : null;
    const version = 'version' in value && typeof value.version === 'string' ? value.version : '';
    return { pid: value.pid, url, version };
  } catch {
    return null;
  }
}
