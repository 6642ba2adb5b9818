import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const unitFile = fileURLToPath(new URL('../deploy/systemd/oomscope.service', import.meta.url));

/** In tenths, as `systemd-analyze security` counts: systemd 252 says 2.4. What is open below it the tests name. */
const EXPOSURE_LIMIT = 25;

/** systemd's own judge. `make test` installs it; `make check` does without. */
const isHere = spawnSync('systemd-analyze', ['--version']).error === undefined;

describe.skipIf(!isHere)(`the unit${isHere ? '' : ' (skipped: systemd-analyze is not installed)'}`, () => {
  let directory: string;
  let unit: string;
  const analyze = (...command: string[]) => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', command, { encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}` };
  };
  const exposure = (file: string) => analyze('security', '--offline=true', `--threshold=${EXPOSURE_LIMIT}`, file);

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'oomscope-unit-'));
    unit = join(directory, 'oomscope.service');
    // Node may be elsewhere here, and what it is to run is looked for.
    writeFileSync(unit, readFileSync(unitFile, 'utf8').replace('/usr/bin/node', process.execPath));
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  it('is one that systemd takes, without a word', () => {
    expect(analyze('verify', unit)).toEqual({ status: 0, said: '' });
  });

  it('with a setting that there is not is noticed', () => {
    const broken = join(directory, 'broken.service');
    writeFileSync(broken, readFileSync(unit, 'utf8').replace('ProtectHome=true', 'ProtectHome=perhaps'));
    expect(analyze('verify', broken).said).toContain('perhaps');
  });

  it('leaves little open', () => {
    expect(exposure(unit)).toMatchObject({ status: 0, said: expect.stringContaining('Overall exposure level') });
    const open = join(directory, 'open.service');
    writeFileSync(open, readFileSync(unit, 'utf8').replace(/^CapabilityBoundingSet=.*$/m, ''));
    expect(exposure(open).status).not.toBe(0);
  });
});
