import type { IncomingMessage } from 'node:http';
import { type Access, COOKIE, SESSION_SECONDS } from './access.js';
import type { Answer } from './answer.js';
import { html, line, redirect } from './answer.js';

const MAX_BODY_BYTES = 8 * 1024;

export const NO_TOKEN_LINE =
  'E_NO_TOKEN: This server asks for its token. Open /login, or send the header "Authorization: Bearer TOKEN".';
export const MUST_WAIT_LINE = 'E_TOO_MANY_ATTEMPTS: Too many wrong tokens came from your address. Wait a minute.';

/** Refuses whoever has no token: a browser that opens the page is sent to the login. */
export function refuseUnknown(access: Access, request: IncomingMessage, path: string): Answer | null {
  switch (access.admit(request)) {
    case 'admitted':
      return null;
    case 'must-wait':
      return waitAnswer();
    case 'unknown': {
      if (path === '/' && (request.headers.accept ?? '').includes('text/html')) return redirect('login');
      return { ...line(401, NO_TOKEN_LINE), headers: { 'WWW-Authenticate': 'Bearer realm="oomscope"' } };
    }
  }
}

/** GET and POST of /login. */
export async function loginAnswer(access: Access, request: IncomingMessage, isTls: boolean): Promise<Answer> {
  if (!access.needsToken) return redirect('.');
  if (request.method !== 'POST') return loginPage(200, '');
  const token = new URLSearchParams((await bodyOf(request)) ?? '').get('token') ?? '';
  const result = access.login(request, token.trim());
  if (result === 'must-wait') return waitAnswer();
  if (result === 'unknown') return loginPage(401, 'That was not the token.');
  const cookie = [`${COOKIE}=${result}`, 'HttpOnly', 'SameSite=Strict', 'Path=/', `Max-Age=${SESSION_SECONDS}`];
  return { ...redirect('.'), headers: { 'Set-Cookie': [...cookie, ...(isTls ? ['Secure'] : [])].join('; ') } };
}

function waitAnswer(): Answer {
  return { ...line(429, MUST_WAIT_LINE), headers: { 'Retry-After': '60' } };
}

/** Plain, so that its policy needs neither scripts nor styles. `note` is ours, never what somebody sent. */
function loginPage(status: number, note: string): Answer {
  return html(
    status,
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>oomscope: log in</title>
<h1>oomscope</h1>
<form method="post" action="login">
<p><label for="token">Token</label> <input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button></p>
${note === '' ? '' : `<p role="alert">${note}</p>\n`}</form>
</html>
`,
  );
}

/** Null = longer than any form of ours. */
function bodyOf(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
      else resolve(null);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('error', reject);
    request.on('close', () => resolve(null));
  });
}
