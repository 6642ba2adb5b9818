import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readTraces } from '../../test/support/read-traces.js';
import { SCHEMA_VERSION } from './schema-version.js';

// Files of each schema version there ever was, with what is in them. They are never made again: that they are read as
// they are is what lets a person open an old trace.
const directory = new URL('../../test/golden/', import.meta.url);
const versions = readdirSync(directory)
  .filter((name) => name.endsWith('.mcap'))
  .map((name) => name.replace('.mcap', ''));

test('there is a file of this version', () => {
  expect(versions).toContain(`v${SCHEMA_VERSION}`);
});

describe.each(versions)('a trace of schema %s', (version) => {
  test('reads for ever, event for event', async () => {
    const expected = readFileSync(new URL(`${version}.ndjson`, directory), 'utf8')
      .trimEnd()
      .split('\n');
    const read = await readTraces([new URL(`${version}.mcap`, directory).pathname]);
    expect(read.problems).toEqual([]);
    // Fields that a later version added are there as well, as not known.
    expect(read.events.map((event) => JSON.parse(JSON.stringify(event)) as unknown)).toMatchObject(
      expected.map((line) => JSON.parse(line) as unknown),
    );
  });
});
