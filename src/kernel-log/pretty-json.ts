const MAX_LENGTH = 1024 * 1024;

/** What a line inside such an object looks like: a key, a list's number, text or end. Kernel lines begin otherwise. */
const INSIDE = /^\s*(?:"|-?\d{1,20},?\s*$|\],?\s*$)/;

/** A value that is itself an object: Google Cloud's `"jsonPayload": {`. It ends with a line of its own. */
const NESTED = /^\s*"[^"]{1,200}": ?\{$/;

/**
 * Puts JSON objects together that were written over many lines: `journalctl -o json-pretty`, `dmesg -J`. An object begins
 * with a line "{" and ends with a line "}"; "},{" does both.
 */
export class PrettyJsonCollector {
  #lines: string[] | null = null;
  #length = 0;
  #depth = 0;

  /**
   * Takes a line. 'not-json': it stands in no object. 'collecting': it does. 'given-up': the object before it never
   * ended, and it stands in none. Anything else is a whole object.
   */
  take(line: string): 'not-json' | 'collecting' | 'given-up' | { readonly json: string } {
    const mark = line.length < 64 ? line.trim() : '';
    const begins = mark === '{' || mark === '},{';
    if (this.#lines === null) {
      if (begins) this.#begin();
      return begins ? 'collecting' : 'not-json';
    }
    if (mark.startsWith('}') && this.#depth > 0) this.#depth--;
    else if (mark.startsWith('}')) {
      const json = `{${this.#lines.join('\n')}}`;
      if (begins) this.#begin();
      else this.#lines = null;
      return { json };
    }
    // The outer object of `dmesg -J` holds a list of messages: each of those is what is wanted.
    else if (begins) {
      this.#begin();
      return 'collecting';
    } else if (NESTED.test(line)) this.#depth++;
    this.#lines.push(line);
    this.#length += line.length;
    if ((mark.startsWith('}') || INSIDE.test(line)) && this.#length <= MAX_LENGTH) return 'collecting';
    this.#lines = null;
    return 'given-up';
  }

  #begin(): void {
    this.#lines = [];
    this.#length = 0;
    this.#depth = 0;
  }
}
