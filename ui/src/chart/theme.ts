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

/** Lines that slant, for what must be told apart without colour. */
export function hatch(context: CanvasRenderingContext2D, colour: string, gapPx = 6): CanvasPattern | string {
  const scale = devicePixelRatio;
  const size = Math.max(2, Math.round(gapPx * scale));
  const tile = new OffscreenCanvas(size, size);
  const ink = tile.getContext('2d');
  if (ink === null) return colour;
  ink.strokeStyle = colour;
  ink.lineWidth = scale;
  ink.beginPath();
  for (const shift of [-size, 0, size]) {
    ink.moveTo(shift, size);
    ink.lineTo(shift + size, 0);
  }
  ink.stroke();
  return context.createPattern(tile, 'repeat') ?? colour;
}
