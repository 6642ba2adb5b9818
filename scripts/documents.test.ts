import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const documents = execFileSync('git', ['ls-files', '--', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');

describe('the documents', () => {
  it.each(documents)('%s links only to what is there', (path) => {
    const links = [...textOf(path).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1] ?? '');
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    const broken = local.filter((link) => !existsSync(join(root, dirname(path), link)));
    expect(broken).toEqual([]);
  });

  it.each(documents)('%s names only npm scripts and make targets that exist', (path) => {
    const manifest = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const text = textOf(path);
    const scripts = [...text.matchAll(/npm run\s+([a-z:-]+)/g)].map((match) => match[1] ?? '');
    expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
    const makefile = textOf('Makefile');
    const targets = [...text.matchAll(/`(?:sudo )?make ([a-z]+)`/g)].map((match) => match[1] ?? '');
    expect(targets.filter((name) => !new RegExp(`^${name}:`, 'm').test(makefile))).toEqual([]);
  });
});
