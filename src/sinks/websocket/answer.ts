import { visibleJson } from '../../base/escape.js';

/** What a request gets. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly cacheControl: string;
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function line(status: number, text: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: Buffer.from(`${text}\n`), cacheControl: 'no-store' };
}

/** Names from outside stay data: JSON escapes for what would act up in a terminal. */
export function json(value: object): Answer {
  const body = Buffer.from(visibleJson(JSON.stringify(value)));
  return { status: 200, contentType: 'application/json; charset=utf-8', body, cacheControl: 'no-store' };
}

export function html(status: number, text: string): Answer {
  return { status, contentType: 'text/html; charset=utf-8', body: Buffer.from(text), cacheControl: 'no-store' };
}

/** `location` is relative: a proxy may have put a folder before ours. */
export function redirect(location: string): Answer {
  return { ...line(303, `See ${location}`), headers: { Location: location } };
}
