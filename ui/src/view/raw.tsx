import { useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape.js';
import type { Incident } from '../../../src/model/model.js';

/** Every recorded field by its own name, the candidates left out: those are the table above. */
export function RawFields({ incident }: { readonly incident: Incident }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="raw" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Raw fields</summary>
      {isOpen && (
        <>
          <p class="quiet">
            Names and units as in <code>oomscope live --json</code>. Everything, candidates included, is in the JSON
            above.
          </p>
          <dl class="fields">
            {fieldsOf(incident).map(([name, value]) => (
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

function fieldsOf({ id, episode, victims }: Incident): [string, string][] {
  const { candidates, ...rest } = episode ?? { candidates: [] };
  return [...flatten('', { id }), ...flatten('', rest), ...flatten('victims', victims)];
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
