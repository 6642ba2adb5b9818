import { request as httpRequest, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../src/sinks/websocket/upgrade.js';
import { decodeFrame, type FrameItem } from '../../src/wire/frame.js';

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** One request with just these headers; fetch() would not let a test lie about Host and Origin. */
export function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false });
    request.on('error', reject);
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('upgraded'));
    });
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    request.end();
  });
}

/** What a browser sends to open the WebSocket. */
export const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': SUBPROTOCOL,
};

/** A client as the page is one: it decodes and keeps what it gets. */
export class WebClient {
  readonly socket: WebSocket;
  readonly items: FrameItem[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(port: number) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, SUBPROTOCOL);
    this.socket.binaryType = 'nodebuffer';
    this.socket.on('message', (data: Buffer) => this.items.push(...decodeFrame(data)));
    this.socket.on('error', () => {});
    this.opened = new Promise((resolve) => this.socket.once('open', resolve));
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Topics and markers, in the order in which they came. */
  topics(): string[] {
    return this.items.map((item) => (item.kind === 'event' ? item.event.topic : item.kind));
  }

  /** The TCP socket below, for what no honest client does. `ws` has no public name for it. */
  get tcp(): { write(bytes: Uint8Array): void; destroy(): void; pause(): void; resume(): void } {
    return Reflect.get(this.socket, '_socket');
  }
}
