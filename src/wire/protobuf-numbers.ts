import protobuf from 'protobufjs/minimal.js';

/**
 * Makes protobufjs read 64-bit fields as numbers, exact to 2^53, instead of Long objects. It decides this when a
 * generated module is loaded, so this module is imported before proto.gen.js, and only by proto.ts.
 */
Object.assign(protobuf.util, { Long: null });
protobuf.configure();
