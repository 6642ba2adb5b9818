import type { Random } from './random.js';

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

/** Changes a file as accidents and attackers do: one to eight mutations, one on top of the other. */
export function mutate(bytes: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  const all: readonly Mutation[] = [...MUTATIONS, (own) => spliceInto(own, random.pick(others), random)];
  let mutated = bytes;
  for (let count = 1 + random.below(8); count > 0; count--) mutated = random.pick(all)(mutated, random);
  return mutated;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What breaks parsers: lengths, numbers and brackets without end, control characters, half of a UTF-8 sequence. */
const HOSTILE: readonly Uint8Array[] = [
  ...['9'.repeat(400), '-1', '0x', '18446744073709551616', 'NaN', '(', ')', '[', ']', '{', '}', '"', '\\x', '\\x0a'],
  ...[
    '#012',
    '\n\n\n',
    '\r\n',
    '\n',
    ' '.repeat(3000),
    '[[[[[[[['.repeat(300),
    '({['.repeat(500),
    '\u001b[31m',
    '\u0000',
  ],
  ...[
    'kernel: '.repeat(100),
    ',pid=',
    ',task=',
    ' invoked oom-killer: ',
    '[ pid ] ',
    'Killed process ',
    '\u202e',
    '\ufeff',
  ],
  ...['a'.repeat(70_000), '<6>'.repeat(50), 'T:'.repeat(200), '=,'.repeat(2000), '    '.repeat(10), '[  1.000000] '],
].map(encode);

const MUTATIONS: readonly Mutation[] = [
  function flipBits(bytes, random) {
    const copy = bytes.slice();
    for (let count = 1 + random.below(16); count > 0 && copy.length > 0; count--) {
      const at = random.below(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    }
    return copy;
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random.below(bytes.length + 1));
  },
  function behead(bytes, random) {
    return bytes.slice(random.below(bytes.length + 1));
  },
  function removeRange(bytes, random) {
    const at = random.below(bytes.length + 1);
    return concat(bytes.subarray(0, at), bytes.subarray(at + random.below(200)));
  },
  function repeatRange(bytes, random) {
    const at = random.below(bytes.length + 1);
    const range = bytes.subarray(at, at + random.below(500));
    return concat(
      bytes.subarray(0, at),
      ...Array.from({ length: 1 + random.below(5) }, () => range),
      bytes.subarray(at),
    );
  },
  function moveRange(bytes, random) {
    const at = random.below(bytes.length + 1);
    const range = bytes.subarray(at, at + random.below(500));
    const rest = concat(bytes.subarray(0, at), bytes.subarray(at + range.length));
    const to = random.below(rest.length + 1);
    return concat(rest.subarray(0, to), range, rest.subarray(to));
  },
  function insertHostile(bytes, random) {
    const at = random.below(bytes.length + 1);
    return concat(bytes.subarray(0, at), random.pick(HOSTILE), bytes.subarray(at));
  },
  function insertNoise(bytes, random) {
    const at = random.below(bytes.length + 1);
    const noise = Uint8Array.from({ length: random.below(64) }, () => random.below(256));
    return concat(bytes.subarray(0, at), noise, bytes.subarray(at));
  },
];

function spliceInto(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const from = random.below(other.length + 1);
  const at = random.below(bytes.length + 1);
  return concat(bytes.subarray(0, at), other.subarray(from, from + random.below(2000)), bytes.subarray(at));
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
