/** The room around a plot for its axes, in CSS pixels: the same in every chart, so that a moment stands at one x. */
export const INSET = { left: 58, right: 14, top: 8, bottom: 22 } as const;
