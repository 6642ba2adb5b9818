const FIELD = /^([A-Z_][A-Z0-9_]{0,63})=/;
const NAME_ALONE = /^[A-Z_][A-Z0-9_]{0,63}$/;
/** Eight bytes, the least first: of a length below 64 KiB the last six are 0, and the others may not be UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a length looks like.
const LENGTH = /^[\s\S]{0,6}?\u0000{5,7}/;
const MAX_LENGTH = 1024 * 1024;

/**
 * Puts entries of `journalctl -o export` together: a field a line, an entry up to a blank line. A value of several lines
 * stands below its name and its length, in bytes; what has been made text before cannot be counted in bytes, so such a
 * value is taken to end with the next field.
 */
export class JournalExportCollector {
  #fields: Record<string, string> | null = null;
  #open: string | null = null;
  #length = 0;

  /** Takes a line. 'other': it stands in no entry; 'collecting': it does; else the fields of a whole entry. */
  take(line: string): 'other' | 'collecting' | Readonly<Record<string, string>> {
    if (this.#fields === null) {
      if (!line.startsWith('__CURSOR=') && !line.startsWith('__REALTIME_TIMESTAMP=')) return 'other';
      this.#fields = {};
      this.#length = 0;
    }
    this.#length += line.length;
    if (line === '' || this.#length > MAX_LENGTH) return this.end() ?? 'other';
    this.#takeField(this.#fields, line);
    return 'collecting';
  }

  /** The log ends here: the fields of the entry that was begun. */
  end(): Readonly<Record<string, string>> | null {
    const fields = this.#fields;
    this.#fields = null;
    this.#open = null;
    return fields;
  }

  #takeField(fields: Record<string, string>, line: string): void {
    const name = FIELD.exec(line)?.[1];
    if (name !== undefined) {
      // A field may come twice, such as the names of a device; the first one counts, as in JSON.
      fields[name] ??= line.slice(name.length + 1);
      this.#open = null;
    } else if (this.#open !== null) {
      const before = fields[this.#open];
      fields[this.#open] = before === undefined ? line.replace(LENGTH, '') : `${before}\n${line}`;
    } else if (NAME_ALONE.test(line)) this.#open = line;
  }
}
