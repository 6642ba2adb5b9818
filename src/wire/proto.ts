import './protobuf-numbers.js';

/** The generated messages of oomscope.proto. Import them from here: the order of the two lines matters. */
export { oomscope } from './proto.gen.js';
