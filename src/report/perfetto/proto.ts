import '../../wire/protobuf-numbers.js';

/** The generated messages of perfetto.proto. Import them from here: the order of the two lines matters. */
export { perfetto } from './perfetto.gen.js';
