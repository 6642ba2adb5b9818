import { OomscopeError } from '../../base/errors.js';
import { decodeReplayCommand, type ReplayCommand } from '../../wire/replay.js';

/** A hand on a slider asks for less; a program that asks for more does not know what it does. */
const COMMANDS_PER_SECOND = 30;
const BURST = 60;

/** What one client may ask: well-formed commands, and not too many of them. */
export class CommandGate {
  #left = BURST;
  #lastMs = 0;

  /** `nowMs` is a steady clock. Throws OomscopeError E_BAD_MESSAGE. */
  check(message: Uint8Array, isBinary: boolean, nowMs: number): ReplayCommand {
    this.#left = Math.min(BURST, this.#left + ((nowMs - this.#lastMs) / 1000) * COMMANDS_PER_SECOND);
    this.#lastMs = nowMs;
    if (this.#left < 1) throw refused(`more than ${COMMANDS_PER_SECOND} commands a second`);
    this.#left--;
    if (!isBinary) throw refused('text; commands are binary');
    return decodeReplayCommand(message);
  }
}

function refused(what: string): OomscopeError {
  return new OomscopeError('E_BAD_MESSAGE', `This server does not take ${what}.`, 'See docs/trace-format.md.');
}
