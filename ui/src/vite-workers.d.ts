/** Vite builds what stands before the question mark as a worker of its own and gives its address. */
declare module '*?worker&url' {
  const url: string;
  export default url;
}
