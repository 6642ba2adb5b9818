import { useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape.js';

/** Every recorded field by its own name. */
export function RawFields({ fields }: { readonly fields: object }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="raw" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Raw fields</summary>
      {isOpen && (
        <>
          <p class="quiet">
            Names and units as in <code>oomscope live --json</code>. Everything, the candidates of a ballot included, is
            in the JSON above.
          </p>
          <dl class="fields">
            {flatten('', fields).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <bdi>{value}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </details>
  );
}

/** `limitCgroup.maxBytes` → `104857600`. */
function flatten(name: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) {
    if (value.length === 0) return [[name, 'none']];
    return value.flatMap((item, index) => flatten(`${name}[${index}]`, item));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => flatten(name === '' ? key : `${name}.${key}`, item));
  }
  return [[name, typeof value === 'string' ? visible(value) : String(value)]];
}
