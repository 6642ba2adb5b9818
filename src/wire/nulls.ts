import { integer } from './check.js';

/** The field numbers of those values that are null: for fields that are not `optional` in oomscope.proto. */
export function nullFields(fields: Readonly<Record<number, unknown>>): number[] {
  return Object.keys(fields)
    .map(Number)
    .filter((field) => fields[field] === null);
}

/** Reads the values of fields that may be listed in `nulls`. */
export class NullableFields {
  readonly #nulls: readonly number[];

  constructor(nulls: readonly number[] | null | undefined) {
    this.#nulls = nulls ?? [];
  }

  /** The value, unless this field is listed. */
  valueOrNull<T>(field: number, value: T): T | null {
    return this.#nulls.includes(field) ? null : value;
  }

  integerOrNull(field: number, value: number | null | undefined): number | null {
    return this.#nulls.includes(field) ? null : integer(value);
  }
}
