/** The canvas knows no style sheets: colours are asked for by their names there, and kept until the theme changes. */
let known = new Map<string, string>();

export function cssColour(name: `--${string}`): string {
  let colour = known.get(name);
  if (colour === undefined) {
    colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    known.set(name, colour);
  }
  return colour;
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  known = new Map();
});
