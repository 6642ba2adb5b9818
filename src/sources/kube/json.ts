/** What a field of an answer is, whatever was sent: nothing of it is trusted to be there or of its type. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  );
}

export function text(value: unknown, ...path: readonly string[]): string | null {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : null;
}

export function list(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}
