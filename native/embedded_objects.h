/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_EMBEDDED_OBJECTS_H
#define OOMSCOPE_EMBEDDED_OBJECTS_H

#include <cstddef>
#include <cstdint>

namespace oomscope
{

enum class ObjectKind {
	Core,
	Tracepoint
};

struct ObjectBytes {
	const uint8_t *data;
	size_t size;
};

/* The BPF object (an ELF file) that was built into this addon. */
ObjectBytes embedded_object(ObjectKind kind);

} /* namespace oomscope */

#endif
