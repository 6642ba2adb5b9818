/**
 * Characters that a name from outside must not bring into a terminal or a page: controls (C0, DEL, C1: escape sequences
 * start with them), bidirectional marks and overrides (they turn the text around), invisible characters and line ends.
 * A process may name itself with any of them. Built from ranges, since the characters themselves are invisible here.
 */
const UNSAFE_RANGES: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad], // soft hyphen
  [0x34f, 0x34f], // combining grapheme joiner
  [0x61c, 0x61c], // Arabic letter mark
  [0x115f, 0x1160], // Hangul fillers
  [0x180e, 0x180e],
  [0x200b, 0x200f], // zero width, left-to-right and right-to-left marks
  [0x2028, 0x202e], // line and paragraph separators, bidirectional embeddings and overrides
  [0x2060, 0x206f], // invisible operators, bidirectional isolates
  [0x3164, 0x3164],
  [0xd800, 0xdfff], // lone surrogates
  [0xfe00, 0xfe0f], // variation selectors
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0xe0000, 0xe0fff], // tags
];

const UNSAFE = new RegExp(
  `[${UNSAFE_RANGES.map(([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`).join('')}]`,
  'gu',
);

/** `text` with every unsafe character made visible: `\x1b`, `\u{202e}`. Doing it twice changes nothing. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    return code <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
  });
}

/** JSON text with the same characters as JSON escapes: the value is unchanged, a terminal is safe. */
export function visibleJson(json: string): string {
  return json.replace(UNSAFE, (character) =>
    // By UTF-16 unit: JSON has no escape above U+FFFF.
    Array.from({ length: character.length }, (_, unit) => {
      return `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}
