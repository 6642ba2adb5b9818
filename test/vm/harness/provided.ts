import 'vitest';

/** What the global setup tells the test files. */
declare module 'vitest' {
  export interface ProvidedContext {
    /** Directory of the brokers' sockets; null = there can be no guest here. */
    vmSockets: string | null;
    /** Why there can be none, where that is allowed. */
    vmSkipped: string;
  }
}
