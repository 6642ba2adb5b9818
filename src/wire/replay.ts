import { badMessage, integer } from './check.js';
import { refuseBadBytes } from './codec.js';
import { type KillDirection, killDirection } from './enums.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

/** How a replay stands. Times are µs since 1970. */
export interface ReplayState {
  readonly startUs: number;
  readonly endUs: number;
  readonly positionUs: number;
  readonly playing: boolean;
  /** 1 = as it was; Infinity = as fast as it can be read. */
  readonly speed: number;
  /** Everything was told. */
  readonly ended: boolean;
  /** The last command asked for a kill in this direction, and there is none; null = it did not, or there was one. */
  readonly noKill: KillDirection | null;
}

/** What a client asks of a replay. */
export type ReplayCommand =
  | { readonly kind: 'play' }
  | { readonly kind: 'pause' }
  /** µs since 1970. */
  | { readonly kind: 'seek'; readonly timeUs: number }
  | { readonly kind: 'speed'; readonly speed: number }
  /** Goes there and pauses. */
  | { readonly kind: 'kill'; readonly direction: KillDirection };

const SLOWEST = 0.1;
const FASTEST = 100;

/** A speed at which a replay can go: SLOWEST to FASTEST, or Infinity. */
export function isReplaySpeed(speed: number): boolean {
  return (speed >= SLOWEST && speed <= FASTEST) || speed === Number.POSITIVE_INFINITY;
}

export function encodeReplayState({ noKill, ...state }: ReplayState): Uint8Array {
  return v1.ReplayState.encode({
    ...state,
    positionUs: Math.round(state.positionUs),
    ...(noKill === null ? {} : { noKill: killDirection.toWire(noKill) }),
  }).finish();
}

/** Throws OomscopeError E_BAD_MESSAGE, and nothing else, on bytes that are none. */
export function decodeReplayState(payload: Uint8Array): ReplayState {
  return refuseBadBytes('replay state', () => {
    const { startUs, endUs, positionUs, playing, speed, ended, noKill } = v1.ReplayState.decode(payload);
    return {
      startUs: integer(startUs),
      endUs: integer(endUs),
      positionUs: integer(positionUs),
      playing,
      speed: checkedSpeed(speed),
      ended,
      noKill: noKill === null || noKill === undefined ? null : killDirection.fromWire(noKill),
    };
  });
}

export function encodeReplayCommand(command: ReplayCommand): Uint8Array {
  switch (command.kind) {
    case 'play':
    case 'pause':
      return v1.ReplayCommand.encode({ play: command.kind === 'play' }).finish();
    case 'seek':
      return v1.ReplayCommand.encode({ seekUs: Math.round(command.timeUs) }).finish();
    case 'speed':
      return v1.ReplayCommand.encode({ speed: command.speed }).finish();
    case 'kill':
      return v1.ReplayCommand.encode({ kill: killDirection.toWire(command.direction) }).finish();
  }
}

/** Throws OomscopeError E_BAD_MESSAGE, and nothing else, on bytes that ask for nothing that can be done. */
export function decodeReplayCommand(bytes: Uint8Array): ReplayCommand {
  return refuseBadBytes('replay command', () => {
    const wire = v1.ReplayCommand.decode(bytes);
    switch (wire.kind) {
      case 'play':
        return { kind: wire.play ? 'play' : 'pause' };
      case 'seekUs':
        return { kind: 'seek', timeUs: integer(wire.seekUs) };
      case 'speed':
        return { kind: 'speed', speed: checkedSpeed(wire.speed) };
      case 'kill':
        return { kind: 'kill', direction: killDirection.fromWire(wire.kill) };
      default:
        throw badMessage('a command that asks for nothing');
    }
  });
}

function checkedSpeed(speed: number | null | undefined): number {
  if (typeof speed !== 'number' || !isReplaySpeed(speed)) throw badMessage(`a speed of ${String(speed)}`);
  return speed;
}
