import { EXIT, OomscopeError } from '../base/errors.js';
import { FLIGHT_LIMITS, type FlightLimits } from '../sinks/flight-recorder.js';
import type { KernelSourceOptions } from '../sources/kernel/kernel-source.js';
import type { ServerOptions } from './server-options.js';

/** The options of `live` as commander gives them. */
export interface LiveOptions extends ServerOptions {
  readonly json?: true;
  readonly server: boolean;
  readonly attach?: NonNullable<KernelSourceOptions['attach']>;
  readonly pinDir: string;
  readonly pins: boolean;
  readonly keepPins?: true;
  /** Path of a container runtime's socket. */
  readonly cri?: string;
  readonly interval?: number;
  readonly kubeApi?: true;
  readonly killsRingBytes?: number;
  readonly ballotRingBytes?: number;
  /** How far back the flight recorder goes, in µs, and how many bytes it takes. */
  readonly flight?: number;
  readonly flightMemory?: number;
}

/** Throws E_USAGE where options contradict each other or this machine. */
export function kernelSourceOptions(options: LiveOptions, pageBytes: number, url: string | null): KernelSourceOptions {
  if (options.keepPins && !options.pins) {
    throw usage('--keep-pins and --no-pins contradict each other.', 'Give one of them.');
  }
  if (!options.pinDir.startsWith('/')) {
    throw usage(`The pin directory ${JSON.stringify(options.pinDir)} is not absolute.`, 'Give a path in a bpffs.');
  }
  const { killsRingBytes: kills, ballotRingBytes: ballot } = options;
  for (const bytes of [kills, ballot]) {
    if (bytes !== undefined && bytes % pageBytes !== 0) {
      throw usage(`A ring of ${bytes} bytes is no multiple of the page size, ${pageBytes}.`, 'Give a larger one.');
    }
  }
  return {
    attach: options.attach ?? null,
    pinDirectory: options.pins ? options.pinDir : null,
    keepPins: options.keepPins ?? false,
    sampleIntervalUs: options.interval ?? null,
    ringBytes: { ...(kills === undefined ? {} : { kills }), ...(ballot === undefined ? {} : { ballot }) },
    url,
  };
}

/** Throws E_USAGE where so little memory is given that nothing of use fits. */
export function flightLimits({ flight, flightMemory }: Pick<LiveOptions, 'flight' | 'flightMemory'>): FlightLimits {
  const limits = { ageUs: flight ?? FLIGHT_LIMITS.ageUs, bytes: flightMemory ?? FLIGHT_LIMITS.bytes };
  if (limits.bytes < MIN_FLIGHT_BYTES) {
    throw usage(`A flight recorder of ${limits.bytes} bytes holds nothing of use.`, 'Give --flight-memory 1M or more.');
  }
  return limits;
}

const MIN_FLIGHT_BYTES = 2 ** 20;

function usage(message: string, nextStep: string): OomscopeError {
  return new OomscopeError('E_USAGE', message, nextStep, EXIT.usage);
}
