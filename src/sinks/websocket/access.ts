import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Attempts } from './attempts.js';

/** What a request may do: `unknown` has no valid token, `must-wait` has tried too often. */
export type Admission = 'admitted' | 'unknown' | 'must-wait';

export const COOKIE = 'oomscope-session';
export const SESSION_SECONDS = 12 * 3600;
const MAX_SESSIONS = 256;
/** Tools whose first visit was told. */
const MAX_TOLD = 1_000;

/** Who may read this server. Whoever knows the token; where there is none, everybody who reaches it. */
export class Access {
  readonly #tokenDigest: Buffer | null;
  readonly #attempts: Attempts;
  /** Digests of cookies, so that a core dump holds none, with the end of each. */
  readonly #sessions = new Map<string, number>();
  readonly #told = new Set<string>();

  constructor(
    /** Null = no token is asked for. */
    token: string | null,
    /** Takes a line for each login and each refusal. It never holds a secret. */
    private readonly audit: (line: string) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.#tokenDigest = token === null ? null : digest(token);
    this.#attempts = new Attempts(nowMs);
  }

  get needsToken(): boolean {
    return this.#tokenDigest !== null;
  }

  admit(request: IncomingMessage): Admission {
    if (this.#tokenDigest === null || this.#hasSession(request)) return 'admitted';
    const address = addressOf(request);
    const token = bearer(request);
    if (token === null) return 'unknown';
    const admission = this.#judge(token, address, 'a token');
    if (admission === 'admitted' && !this.#told.has(address)) {
      if (this.#told.size >= MAX_TOLD) this.#told.clear();
      this.#told.add(address);
      this.audit(`${address} reads with the token`);
    }
    return admission;
  }

  /** The value for a new session's cookie, or why there is none. */
  login(request: IncomingMessage, token: string): string | Exclude<Admission, 'admitted'> {
    const address = addressOf(request);
    const admission = this.#judge(token, address, 'a login');
    if (admission !== 'admitted') return admission;
    const cookie = randomBytes(32).toString('base64url');
    this.#sessions.set(nameOf(cookie), this.nowMs() + SESSION_SECONDS * 1000);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    this.audit(`login from ${address}`);
    return cookie;
  }

  #judge(token: string, address: string, what: string): Admission {
    if (this.#tokenDigest === null) return 'admitted';
    // Also the right token has to wait: else waiting would tell nothing to a guesser.
    if (this.#attempts.mustWait(address)) return 'must-wait';
    if (timingSafeEqual(digest(token), this.#tokenDigest)) return 'admitted';
    this.#attempts.failed(address);
    const waits = this.#attempts.mustWait(address) ? '; too many, this address has to wait' : '';
    this.audit(`${what} from ${address} was refused: wrong token${waits}`);
    return 'unknown';
  }

  #hasSession(request: IncomingMessage): boolean {
    const cookie = cookieOf(request);
    if (cookie === null) return false;
    const name = nameOf(cookie);
    const endMs = this.#sessions.get(name);
    if (endMs !== undefined && endMs <= this.nowMs()) this.#sessions.delete(name);
    return endMs !== undefined && endMs > this.nowMs();
  }
}

/** Of one length, whatever it is made of: that is what timingSafeEqual asks for. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function nameOf(cookie: string): string {
  return digest(cookie).toString('base64url');
}

function bearer(request: IncomingMessage): string | null {
  return /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

function cookieOf(request: IncomingMessage): string | null {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? null;
}

function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? 'an address that is gone';
}
