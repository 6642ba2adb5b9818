/** What an incident can be taken away as, beside JSON. By the ending of its address. */
export const INCIDENT_FILES = {
  mcap: 'application/octet-stream',
  html: 'text/html; charset=utf-8',
  perfetto: 'application/octet-stream',
} as const;

export type IncidentFile = keyof typeof INCIDENT_FILES;

/** Makes the file; null = the incident is not known, or nothing of it is remembered any more. */
export type MakeIncidentFile = (id: string, as: IncidentFile) => Promise<Uint8Array | null>;

/** `1234.html` → the incident and what it is wanted as; null = it has none of the endings. */
export function parseIncidentFile(name: string): { readonly id: string; readonly as: IncidentFile } | null {
  const match = /^(.+)\.(mcap|html|perfetto)$/.exec(name);
  return match?.[1] === undefined ? null : { id: match[1], as: match[2] as IncidentFile };
}
