import type { Span } from '../time/span.js';

/** What of the view stands in the address, so that it can be passed on and survives a reload. Null = as it is by itself. */
export interface Address {
  readonly incident: string | null;
  /** The pid of the chosen candidate. */
  readonly candidate: number | null;
  /** The stretch of time that is shown; null = the newest is followed. */
  readonly span: Span | null;
  readonly order: string | null;
  readonly search: string | null;
}

const NOTHING: Address = { incident: null, candidate: null, span: null, order: null, search: null };

/** Anybody may have written it: what makes no sense is as if it were not there. */
export function parseAddress(hash: string): Address {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const from = numberIn(fields.get('from'));
  const to = numberIn(fields.get('to'));
  return {
    incident: fields.get('incident'),
    candidate: numberIn(fields.get('candidate')),
    span: from !== null && to !== null && to > from ? { fromMs: from, toMs: to } : null,
    order: fields.get('order'),
    search: fields.get('search'),
  };
}

/** Without the number sign; '' = nothing is out of the ordinary. */
export function formatAddress({ incident, candidate, span, order, search }: Address): string {
  const fields = new URLSearchParams();
  if (incident !== null) fields.set('incident', incident);
  if (candidate !== null) fields.set('candidate', String(candidate));
  if (span !== null) {
    fields.set('from', String(Math.round(span.fromMs)));
    fields.set('to', String(Math.round(span.toMs)));
  }
  if (order !== null) fields.set('order', order);
  if (search !== null && search !== '') fields.set('search', search);
  return fields.toString();
}

function numberIn(text: string | null): number | null {
  if (text === null || !/^\d{1,15}$/.test(text)) return null;
  return Number(text);
}

/** Browsers refuse an address that changes with every frame. */
const WRITE_AFTER_MS = 250;

const opened: Address = typeof location === 'undefined' ? NOTHING : parseAddress(location.hash);
let current = opened;
let isWriting = false;

/** What the page was opened with. */
export function openedAddress(): Address {
  return opened;
}

/** At once: whoever picks something may reload the page right then. */
export function changeAddress(change: Partial<Address>): void {
  current = { ...current, ...change };
  write();
}

/** For what changes with every frame. */
export function changeAddressSoon(change: Partial<Address>): void {
  current = { ...current, ...change };
  if (isWriting) return;
  isWriting = true;
  setTimeout(() => {
    isWriting = false;
    write();
  }, WRITE_AFTER_MS);
}

function write(): void {
  const hash = formatAddress(current);
  history.replaceState(null, '', `${location.pathname}${location.search}${hash === '' ? '' : `#${hash}`}`);
}
