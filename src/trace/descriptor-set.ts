import { DESCRIPTOR_SET_BASE64 } from './descriptor.gen.js';

/** The schema of one message (`oomscope.v1.Session`) as a trace file carries it: a protobuf FileDescriptorSet. */
export function descriptorSet(message: string): Uint8Array {
  const base64 = DESCRIPTOR_SET_BASE64[message.slice(message.lastIndexOf('.') + 1)] ?? '';
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
