/**
 * The version of what stands in a trace file: topics, messages, metadata. It goes up when a reader of the version before
 * could misread a file, never for a new field or topic, which such a reader passes over. docs/trace-format.md tells the
 * versions; upgrades.ts brings older files up to this one.
 */
export const SCHEMA_VERSION = 1;

/** The oomscope that read this version first: what an older one tells its user to get. */
export const SCHEMA_NEEDS_OOMSCOPE = '0.1.0';
