import { readFileSync } from 'node:fs';
import { EXIT, messageOf, OomscopeError } from '../../base/errors.js';
import { isLoopbackAddress, listenAddress } from './listen.js';

/** How a server is to be reached, as the command line says it. */
export interface DoorOptions {
  /** An IP address, or `localhost`. */
  readonly host: string;
  /** Holds the token that readers have to bring. */
  readonly tokenFile?: string | undefined;
  /** Listen on loopback where there is no token file, instead of refusing. */
  readonly loopbackWithoutToken?: true | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Beyond loopback without TLS. */
  readonly insecure?: true | undefined;
}

export interface Door {
  readonly address: string;
  readonly token: string | null;
  readonly tls: TlsFiles | null;
}

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** As much as nobody guesses: 16 random characters. */
const MIN_TOKEN_CHARACTERS = 16;

/** Loopback is free. Every other address asks for a token, and for TLS or the word that it goes without. */
export function openDoor(options: DoorOptions): Door {
  const wanted = listenAddress(options.host);
  const token = readToken(options);
  const tls = readTls(options);
  const address = token === null && options.loopbackWithoutToken ? '127.0.0.1' : wanted;
  if (isLoopbackAddress(address)) return { address, token, tls };
  if (token === null) {
    throw new OomscopeError(
      'E_NO_TOKEN',
      `The server does not listen on ${address} without a token: everybody who reaches it would read it.`,
      'Write one into a file (openssl rand -hex 32) and give it with --token-file; or stay on 127.0.0.1.',
      EXIT.usage,
    );
  }
  if (tls === null && !options.insecure) {
    throw new OomscopeError(
      'E_NO_TLS',
      `The server does not listen on ${address} without TLS: the token would cross the network in the clear.`,
      'Give --tls-cert and --tls-key; or --insecure where the network is trusted.',
      EXIT.usage,
    );
  }
  return { address, token, tls };
}

function readToken({ tokenFile, loopbackWithoutToken }: DoorOptions): string | null {
  if (tokenFile === undefined) return null;
  let token: string;
  try {
    token = readFileSync(tokenFile, 'utf8').trim();
  } catch (error) {
    if (loopbackWithoutToken && isNotThere(error)) return null;
    throw badToken(tokenFile, `cannot be read (${messageOf(error)})`, error);
  }
  if (token.length < MIN_TOKEN_CHARACTERS) {
    throw badToken(tokenFile, `holds a token of fewer than ${MIN_TOKEN_CHARACTERS} characters`);
  }
  if (!/^[\x21-\x7e]+$/.test(token)) throw badToken(tokenFile, 'holds spaces or characters beyond ASCII in its token');
  return token;
}

function badToken(path: string, what: string, cause?: unknown): OomscopeError {
  return new OomscopeError(
    'E_BAD_TOKEN',
    `The token file ${path} ${what}.`,
    `Make one: (umask 077; openssl rand -hex 32 > ${path})`,
    EXIT.usage,
    { cause },
  );
}

function readTls({ tlsCert, tlsKey }: DoorOptions): TlsFiles | null {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw badTls('A certificate and its key belong together.', 'Give both --tls-cert and --tls-key.');
  }
  try {
    return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) };
  } catch (error) {
    throw badTls(
      `The TLS files cannot be read (${messageOf(error)}).`,
      'Check the paths and who may read them.',
      error,
    );
  }
}

export function badTls(message: string, nextStep: string, cause?: unknown): OomscopeError {
  return new OomscopeError('E_BAD_TLS', message, nextStep, EXIT.usage, { cause });
}

function isNotThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
