import { createServer } from 'node:net';
import { EXIT, OomscopeError } from '../base/errors.js';

/**
 * `port` on loopback if it is free now, any free one for 0. Throws E_PORT_TAKEN: better before a boot than after it.
 */
export function freePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const message = taken ? `port ${port} is taken.` : `port ${port} cannot be used (${error.message}).`;
      reject(new OomscopeError('E_PORT_TAKEN', message, 'Choose another with --port, 0 for any.', EXIT.failed));
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
