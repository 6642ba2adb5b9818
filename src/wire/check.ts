import { OomscopeError } from '../base/errors.js';

/** The refusal of bytes that are no message of ours: from a file, or from a server of another version. */
export function badMessage(what: string, cause?: unknown): OomscopeError {
  return new OomscopeError(
    'E_BAD_MESSAGE',
    `These bytes are no oomscope message: ${what}.`,
    'Check that both ends run the same version of oomscope and that the file is whole.',
    undefined,
    cause === undefined ? undefined : { cause },
  );
}

/** An integer that JavaScript holds exactly. A 64-bit field can carry more than that: refused, never rounded. */
export function integer(value: number | null | undefined): number {
  if (!Number.isSafeInteger(value)) throw badMessage(`${String(value)} is not an integer below 2^53`);
  return value as number;
}

export function nullableInteger(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : integer(value);
}

/** The value of a field that a well-formed message always has. */
export function present<T>(value: T | null | undefined, name: string): T {
  if (value === null || value === undefined) throw badMessage(`${name} is missing`);
  return value;
}
