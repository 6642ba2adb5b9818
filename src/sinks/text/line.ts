import { visible } from '../../base/escape.js';

/** One line for a person. Names from outside may stand in `text` as they are: rendering escapes the whole line. */
export interface Line {
  readonly text: string;
  readonly tone?: 'alarm' | 'strong' | 'quiet';
  /** Where the continuation begins when the line has to be broken; not given = it is not broken. */
  readonly indent?: number;
}

/** What the terminal, or file, can show. */
export interface TextStyle {
  readonly columns: number;
  readonly colour: boolean;
  /** UTF-8; else our own signs are replaced by ASCII. Names from outside are left as they are. */
  readonly unicode: boolean;
}

const COLOURS = { alarm: '\x1b[1;31m', strong: '\x1b[1m', quiet: '\x1b[2m' } as const;
const RESET = '\x1b[0m';

const ASCII: Readonly<Record<string, string>> = {
  '−': '-',
  µ: 'u',
  '…': '...',
  '·': '|',
  '×': 'x',
  '►': '>',
  '◄': '<',
  '━': '=',
  '▬': '#',
  '█': '#',
  '▓': '=',
  '▒': '~',
  '░': '.',
  '▪': ':',
  '–': '-',
  '▁': '_',
  '▂': '.',
  '▃': '-',
  '▄': ':',
  '▅': '=',
  '▆': '+',
  '▇': '*',
};
const NOT_ASCII = new RegExp(`[${Object.keys(ASCII).join('')}]`, 'g');

export function renderLines(lines: readonly Line[], style: TextStyle): string {
  return lines.map((line) => renderLine(line, style)).join('');
}

function renderLine(line: Line, style: TextStyle): string {
  // Escaped first, coloured last: no escape sequence but ours can be in it.
  const safe = visible(line.text);
  const text = style.unicode ? safe : safe.replace(NOT_ASCII, (sign) => ASCII[sign] ?? sign);
  const pieces = line.indent === undefined ? [text] : wrap(text, style.columns, line.indent);
  const paint = style.colour && line.tone !== undefined && text !== '' ? COLOURS[line.tone] : null;
  return pieces.map((piece) => (paint === null ? `${piece}\n` : `${paint}${piece}${RESET}\n`)).join('');
}

/** Breaks at spaces; a word that is too long for a line stands alone. */
function wrap(text: string, columns: number, indent: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > columns) {
    const space = rest.lastIndexOf(' ', columns);
    const at = space > indent ? space : rest.indexOf(' ', columns);
    if (at < 0) break;
    lines.push(rest.slice(0, at));
    rest = `${' '.repeat(indent)}${rest.slice(at + 1)}`;
  }
  return [...lines, rest];
}
