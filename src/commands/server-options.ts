import type { Command } from 'commander';
import type { DoorOptions } from '../sinks/websocket/door.js';
import { parsePort } from './option-values.js';

/** How a command serves the page, as commander gives it. */
export interface ServerOptions extends DoorOptions {
  readonly port: number;
  readonly publicUrl?: string;
  readonly probeAddress?: string;
}

/** Adds the options that say who may reach the page. */
export function addServerOptions(command: Command): Command {
  return command
    .option('--port <number>', 'port of the page; 0 = any free one', parsePort, 7070)
    .option('--host <address>', 'IP address of the page; beyond loopback it asks for a token and TLS', '127.0.0.1')
    .option('--public-url <url>', 'where people reach the page when its port is forwarded')
    .option('--token-file <file>', 'holds the token that readers have to bring')
    .option('--loopback-without-token', 'while that file is not there, listen on 127.0.0.1')
    .option('--tls-cert <file>', 'certificate chain, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--insecure', 'listen beyond loopback without TLS: the token crosses the network in the clear')
    .option('--probe-address <address>', 'serve /healthz and /readyz there too, without token: 0.0.0.0:7071');
}
