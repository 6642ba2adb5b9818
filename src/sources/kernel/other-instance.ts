import { loadAddon } from './native.js';
import { PinDirectory, readPinState } from './pins.js';

/**
 * Throws E_ALREADY_RUNNING, naming the other's page, if another process records with these pins. Asked before anything
 * is opened: a second start on the same port should hear of the first one, not of its port.
 */
export function refuseSecondInstance(pinDirectory: string): void {
  const addon = loadAddon();
  if (!readPinState(addon, pinDirectory).running) return;
  PinDirectory.open(addon, pinDirectory).close();
}
