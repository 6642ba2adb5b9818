#!/usr/bin/env node
// Writes src/events/layout.gen.ts: the offsets, sizes and enum values of the records in bpf/events.h, read from the
// BTF that clang makes of them. Nothing is copied by hand, so the decoder cannot disagree with the kernel side.
//
//   node scripts/generate-layout.mjs           write the file
//   node scripts/generate-layout.mjs --check   exit 1 when the file is stale
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const header = join(root, 'bpf/events.h');
const output = join(root, 'src/events/layout.gen.ts');
// Debian puts bpftool into /usr/sbin, which is not on an ordinary user's PATH.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/** Type and macro names of events.h, in its order. */
function namesIn(source) {
  const all = (pattern) => [...source.matchAll(pattern)].map((match) => match[1]);
  return {
    structs: all(/^struct (\w+) \{/gm),
    enums: all(/^enum (\w+) \{/gm),
    // Numbers only: the include guard has no value.
    macros: all(/^#define OOMSCOPE_(\w+) \d+$/gm),
  };
}

/** The BTF types of events.h by kind and name. clang emits only types that are used, so each gets a variable. */
function btfOf(names) {
  const scratch = mkdtempSync(join(tmpdir(), 'oomscope-layout-'));
  try {
    const source = join(scratch, 'layout.c');
    const object = join(scratch, 'layout.o');
    writeFileSync(
      source,
      [
        `#include "${header}"`,
        ...names.structs.map((name) => `struct ${name} var_struct_${name};`),
        ...names.enums.map((name) => `enum ${name} var_enum_${name};`),
        `enum macros { ${names.macros.map((name) => `MACRO_${name} = OOMSCOPE_${name}`).join(', ')} } var_macros;`,
      ].join('\n'),
    );
    execFileSync('clang', ['-g', '-O2', '-target', 'bpf', '-Wall', '-Werror', '-c', source, '-o', object], { env });
    const dump = execFileSync('bpftool', ['btf', 'dump', 'file', object, '-j'], { env, encoding: 'utf8' });
    return new Map(JSON.parse(dump).types.map((type) => [`${type.kind} ${type.name}`, type]));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function struct(type) {
  const members = type.members.map(({ name, bits_offset }) => {
    if (bits_offset % 8 !== 0) throw new Error(`${type.name}.${name} is a bit field: records have whole bytes only`);
    return `      ${name}: ${bits_offset / 8},`;
  });
  return [`  ${type.name}: {`, `    bytes: ${type.size},`, '    at: {', ...members, '    },', '  },'];
}

function enumeration(type) {
  return [`  ${type.name}: {`, ...type.values.map(({ name, val }) => `    ${name}: ${val},`), '  },'];
}

function render() {
  const names = namesIn(readFileSync(header, 'utf8'));
  const types = btfOf(names);
  return [
    '// Generated from bpf/events.h by scripts/generate-layout.mjs. Do not edit: run `npm run generate:layout`.',
    '',
    '/** Per struct: its size and the offset of each member, in bytes. A nested struct is looked up under its own name. */',
    'export const structs = {',
    ...names.structs.flatMap((name) => struct(types.get(`STRUCT ${name}`))),
    '} as const;',
    '',
    'export const enums = {',
    ...names.enums.flatMap((name) => enumeration(types.get(`ENUM ${name}`))),
    '} as const;',
    '',
    '/** The numbers that events.h defines, without their prefix OOMSCOPE_. */',
    'export const constants = {',
    ...types.get('ENUM macros').values.map(({ name, val }) => `  ${name.replace('MACRO_', '')}: ${val},`),
    '} as const;',
    '',
  ].join('\n');
}

const wanted = render();
const shown = relative(root, output);
if (process.argv.includes('--check')) {
  let present = '';
  try {
    present = readFileSync(output, 'utf8');
  } catch {
    // A missing file is as stale as a wrong one.
  }
  if (present !== wanted) {
    console.error(`${shown} does not match bpf/events.h. Run: npm run generate:layout`);
    process.exit(1);
  }
} else {
  writeFileSync(output, wanted);
  console.log(`wrote ${shown}`);
}
