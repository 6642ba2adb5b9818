import { DESCRIPTOR_SET_BASE64 } from './descriptor.gen.js';

/** The schema as every trace file carries it: a protobuf FileDescriptorSet. */
export function descriptorSet(): Uint8Array {
  return Uint8Array.from(atob(DESCRIPTOR_SET_BASE64), (character) => character.charCodeAt(0));
}
