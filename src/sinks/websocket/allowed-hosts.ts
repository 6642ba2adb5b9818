import { EXIT, OomscopeError } from '../../base/errors.js';

/**
 * Which names this server answers to. A page of another site can make a browser connect to a loopback port, by its
 * address or through a name of its own that it points here (DNS rebinding): the Host and Origin headers tell.
 */
export interface AllowedHosts {
  /** `host`: the Host header as it came. */
  host(host: string | undefined): boolean;
  /**
   * `origin`: the Origin header as it came; `host`: the Host header beside it, which was allowed. Absent = no browser:
   * allowed, since only browsers can be tricked.
   */
  origin(origin: string | undefined, host: string | undefined): boolean;
}

export interface Reach {
  /** Ours. */
  readonly port: number;
  readonly isTls: boolean;
  /** It listens beyond loopback. */
  readonly isOpen: boolean;
  /** Where people reach us when a port is forwarded to us. */
  readonly publicUrl: URL | null;
}

export function allowedHosts({ port, isTls, isOpen, publicUrl }: Reach): AllowedHosts {
  const scheme = isTls ? 'https://' : 'http://';
  const ports = new Set([port]);
  // A forwarded port is forwarded under every name of the loopback.
  if (publicUrl !== null && isLoopbackName(publicUrl.hostname)) ports.add(portOf(publicUrl));

  const isLoopback = (value: string): boolean => {
    const url = parseHost(value);
    return url !== null && isLoopbackName(url.hostname) && ports.has(portOf(url));
  };
  const isPublic = (value: string): boolean => {
    const name = parseHost(value)?.hostname;
    return publicUrl !== null && name === publicUrl.hostname && portIn(value, publicUrl) === portOf(publicUrl);
  };
  // Nobody can bind an address to another one: what a stolen name leads to is told by the name alone.
  const isAddress = (value: string): boolean => isOpen && isIpHost(parseHost(value)?.hostname ?? '');
  return {
    host: (value) => value !== undefined && (isLoopback(value) || isPublic(value) || isAddress(value)),
    origin(value, host) {
      if (value === undefined || value === publicUrl?.origin) return true;
      if (!value.startsWith(scheme)) return false;
      const own = value.slice(scheme.length);
      return isLoopback(own) || (isAddress(own) && own === host);
    },
  };
}

/** `localhost`, 127.0.0.0/8 or `[::1]`, as a URL's hostname holds them. */
function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** An address as a URL's hostname holds it. */
function isIpHost(hostname: string): boolean {
  return hostname.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname);
}

/** Throws E_USAGE. Only the origin counts; a path would promise what the page cannot do. */
export function parsePublicUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new OomscopeError(
      'E_USAGE',
      `The public URL ${JSON.stringify(text)} is not like http://127.0.0.1:7070.`,
      'Give scheme, host and port, and nothing else.',
      EXIT.usage,
    );
  }
  return url;
}

/** Null unless `value` is exactly a name or address with at most a port. */
function parseHost(value: string): URL | null {
  if (!/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/.test(value)) return null;
  return URL.canParse(`http://${value}`) ? new URL(`http://${value}`) : null;
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** The port of a Host header, where none stands the default of the public URL's scheme. */
function portIn(value: string, publicUrl: URL): number {
  const port = /:(\d+)$/.exec(value)?.[1];
  if (port !== undefined) return Number(port);
  return publicUrl.protocol === 'https:' ? 443 : 80;
}
