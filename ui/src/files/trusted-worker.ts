interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

/** Workers as Vite has built them, beside the page's own script. */
const OUR_WORKERS = /\/assets\/(?:unpack|log)-worker-[\w-]+\.js$/;

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/** Starts a worker of this page: the only kind of script URL that the page's policy lets through. */
export function startWorker(url: string): Worker {
  const types = (globalThis as { readonly trustedTypes?: TrustedTypes }).trustedTypes;
  policy ??= types?.createPolicy('oomscope-worker', {
    createScriptURL(asked) {
      const { origin, pathname } = new URL(asked, location.href);
      if (origin !== location.origin || !OUR_WORKERS.test(pathname)) throw new TypeError('no worker of this page');
      return asked;
    },
  });
  return new Worker(policy?.createScriptURL(url) ?? url, { type: 'module' });
}
