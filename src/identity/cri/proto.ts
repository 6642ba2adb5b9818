import '../../wire/protobuf-numbers.js';

/** The generated messages of cri.proto. Import them from here: the order of the two lines matters. */
export { runtime } from './cri.gen.js';
