import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from './package-root.js';

it("is where oomscope's own package.json lies", () => {
  expect(JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8'))).toMatchObject({ name: 'oomscope' });
});
