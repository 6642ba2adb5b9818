/** Stands in for the `long` package, which the page does without: 64-bit numbers are numbers here, exact to 2^53. */
export default null;
