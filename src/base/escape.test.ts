import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible, visibleJson } from './escape.js';

describe('names from outside', () => {
  it('ordinary names in any script are left alone', () => {
    for (const name of ['vector', 'kworker/0:1', 'наука', '日本', 'a\\b', 'naïve', '🐘', '\ufffd']) {
      expect(visible(name)).toBe(name);
    }
  });

  it('an escape sequence becomes text', () => {
    expect(visible('\x1b[2Jgone')).toBe('\\x1b[2Jgone');
    expect(visible('\u009b31m')).toBe('\\x9b31m');
    expect(visible('two\nlines\r')).toBe('two\\x0alines\\x0d');
  });

  it('a name cannot turn the line around or hide in it', () => {
    expect(visible('gpj\u202etxe')).toBe('gpj\\u{202e}txe');
    expect(visible('a\u2066b\u200bc\ufeff')).toBe('a\\u{2066}b\\u{200b}c\\u{feff}');
    expect(visible('x\u{e0041}')).toBe('x\\u{e0041}');
    expect(visible('\ud800')).toBe('\\u{d800}');
  });

  it('escaping twice is escaping once, and leaves no control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = visible(text);
        expect(visible(once)).toBe(once);
        expect(once).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
      }),
    );
  });

  it('JSON keeps its value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = visibleJson(JSON.stringify({ text }));
        expect(JSON.parse(json)).toEqual({ text });
        expect(json).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
      }),
    );
  });
});
