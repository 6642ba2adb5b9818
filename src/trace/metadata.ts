import { SCHEMA_NEEDS_OOMSCOPE, SCHEMA_VERSION } from './schema-version.js';
import { notATrace, tooNew } from './trace-error.js';

/** The name of the MCAP metadata record that makes a file a trace of ours. */
export const METADATA_NAME = 'oomscope';

/** Why a file was written. */
export type TraceKind = 'recording' | 'incident' | 'import';

/** What a file says of itself. */
export interface TraceMeta {
  readonly schemaVersion: number;
  /** The oomscope that wrote it. */
  readonly oomscopeVersion: string;
  readonly kind: TraceKind;
  readonly hostname: string;
  readonly bootId: string;
  /** Names the run of oomscope that wrote it: its files count their events together. */
  readonly runId: string;
  /**
   * µs since 1970 of the boot, as the clock was when the file was begun. Fixed within a file: a clock that is set must
   * not turn the order of its messages around.
   */
  readonly bootEpochUs: number;
  /** The incident that an incident file was written for. */
  readonly incidentId: string | null;
}

const KINDS: readonly TraceKind[] = ['recording', 'incident', 'import'];

export function metaToValues(meta: TraceMeta): Map<string, string> {
  const values = new Map([
    ['schema_version', String(meta.schemaVersion)],
    ['needs_oomscope', SCHEMA_NEEDS_OOMSCOPE],
    ['oomscope_version', meta.oomscopeVersion],
    ['kind', meta.kind],
    ['hostname', meta.hostname],
    ['boot_id', meta.bootId],
    ['run_id', meta.runId],
    ['boot_epoch_us', String(meta.bootEpochUs)],
  ]);
  if (meta.incidentId !== null) values.set('incident_id', meta.incidentId);
  return values;
}

/** Throws TraceError: no trace of ours, or one for a newer oomscope. `atByte` is where the record stands. */
export function metaFromValues(values: ReadonlyMap<string, string>, fileName: string, atByte: number): TraceMeta {
  const schemaVersion = wholeNumber(values, 'schema_version', fileName, atByte);
  // Before anything else is looked at: a newer version may have changed all of it.
  if (schemaVersion > SCHEMA_VERSION) {
    const needs = shortened(values.get('needs_oomscope') ?? 'a newer version');
    throw tooNew(fileName, schemaVersion, SCHEMA_VERSION, needs, atByte);
  }
  const kind = KINDS.find((known) => known === values.get('kind'));
  if (kind === undefined) throw notATrace(fileName, atByte, 'its metadata does not say what kind it is');
  return {
    schemaVersion,
    oomscopeVersion: values.get('oomscope_version') ?? '',
    kind,
    hostname: values.get('hostname') ?? '',
    bootId: values.get('boot_id') ?? '',
    runId: values.get('run_id') ?? '',
    bootEpochUs: wholeNumber(values, 'boot_epoch_us', fileName, atByte),
    incidentId: values.get('incident_id') ?? null,
  };
}

function wholeNumber(values: ReadonlyMap<string, string>, key: string, fileName: string, atByte: number): number {
  const text = values.get(key) ?? '';
  const number = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(number)) {
    throw notATrace(fileName, atByte, `its metadata has no usable ${key}`);
  }
  return number;
}

/** For a message: a file may say anything. */
function shortened(text: string): string {
  return /^[\w.+-]{1,30}$/.test(text) ? text : 'of a newer version';
}
