import type { KillEvent } from '../events/kill.js';
import { sameProcess } from './ballot.js';

/** A walk over a large cgroup takes its time. */
export const ONE_DEED_US = 1_000_000;

/**
 * Whether `next` belongs to the deed of user space that began with `first`: one write to `cgroup.kill`, or the same signal
 * from one process to others of one cgroup, within a second. So do pkill, a supervisor that ends its workers and `runc kill
 * --all`; a guard that chooses in two cgroups has made two choices.
 */
export function isOneDeed(first: KillEvent, next: KillEvent): boolean {
  if (first.how !== next.how || first.signal !== next.signal) return false;
  if (Math.abs(next.killUs - first.killUs) >= ONE_DEED_US) return false;
  return first.how === 'cgroup-kill' ? first.killedCgroup?.id === next.killedCgroup?.id : isSentTogether(first, next);
}

function isSentTogether(first: KillEvent, next: KillEvent): boolean {
  if (first.step !== 'sent' || next.step !== 'sent' || first.sender === null || next.sender === null) return false;
  const { cgroupId } = first.target;
  return (
    sameProcess(first.sender.process, next.sender.process) && cgroupId !== null && cgroupId === next.target.cgroupId
  );
}
