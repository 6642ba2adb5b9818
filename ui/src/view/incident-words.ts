import { visible } from '../../../src/base/escape.js';
import type { Incident } from '../../../src/model/model.js';

/** Who died, as short as it can be said. Safe to show. */
export function victimComm({ episode, victims }: Incident): string {
  const process = episode?.choice?.process ?? firstProcess(victims);
  if (process !== null) return process.comm === '' ? '(no name)' : visible(process.comm);
  const [first] = victims;
  if (first !== undefined) return `thread ${first.tid}`;
  return episode?.outcome === 'killed' ? 'victim not recorded' : 'nobody killed';
}

/** Where that was; '' = not known. Safe to show. */
export function victimPath({ episode, victims }: Incident): string {
  const path =
    episode?.victimCgroup?.path ??
    episode?.choice?.process.cgroupPath ??
    firstProcess(victims)?.cgroupPath ??
    episode?.limitCgroup?.path;
  return path === null || path === undefined ? '' : visible(path);
}

function firstProcess(victims: Incident['victims']) {
  return victims.flatMap((victim) => victim.steps).find((step) => step.process !== null)?.process ?? null;
}
