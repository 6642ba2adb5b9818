/** What Vite puts in: whether the page was built with a server behind it. */
declare const HAS_SERVER: boolean;

/** Vite builds what stands before the question mark as a worker of its own and gives its address. */
declare module '*?worker&url' {
  const url: string;
  export default url;
}
