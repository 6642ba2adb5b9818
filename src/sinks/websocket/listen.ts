import type { Server } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { EXIT, OomscopeError } from '../../base/errors.js';

/**
 * The address for a `--host`. Names are not looked up: what `localhost` means is not left to a resolver, and what another
 * name means may change. Throws E_BAD_ADDRESS.
 */
export function listenAddress(host: string): string {
  if (host === 'localhost') return '127.0.0.1';
  const address = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  if (isIP(address) !== 0) return address;
  throw new OomscopeError(
    'E_BAD_ADDRESS',
    `The server does not listen on ${JSON.stringify(host)}: that is no IP address.`,
    'Give one of this machine, like 127.0.0.1, or 0.0.0.0 for all.',
    EXIT.usage,
  );
}

export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}

/** Resolves with the port. Throws E_PORT_TAKEN or E_BAD_ADDRESS. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenError(error, host, port));
    server.once('error', onError);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** `127.0.0.1:7070`, `[::1]:7070`. */
export function hostAndPort(address: string, port: number): string {
  return `${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): OomscopeError {
  if (error.code === 'EADDRINUSE') {
    return new OomscopeError(
      'E_PORT_TAKEN',
      `Port ${port} on ${host} is in use.`,
      'End what uses it, or take another with --port (0 = any free one).',
      EXIT.failed,
      { cause: error },
    );
  }
  return new OomscopeError(
    'E_BAD_ADDRESS',
    `Cannot listen on ${host} port ${port}: ${error.message}.`,
    'Choose another address with --host or another port with --port.',
    EXIT.failed,
    { cause: error },
  );
}
