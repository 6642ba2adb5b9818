/* SPDX-License-Identifier: Apache-2.0 */
#include "embedded_objects.h"

/* An object does not tell which processor's registers its kprobes read: that is settled when it is compiled. */
#if defined(__x86_64__) && !defined(PROGRAMS_FOR_x86) ||                                           \
	defined(__aarch64__) && !defined(PROGRAMS_FOR_arm64)
#error "The kernel programs are for another processor than the addon: see CMAKE_SYSTEM_PROCESSOR."
#endif

/*
 * .incbin and not a libbpf skeleton: programs, maps and constants are looked up by name, so that both objects share one
 * code path and the addon stays ignorant of what they hold. 16: ELF headers want their natural alignment.
 */
#define EMBED(name, path)                                                                          \
	__asm__(".pushsection .rodata\n"                                                           \
		".balign 16\n"                                                                     \
		".local " #name "\n" #name ":\n"                                                   \
		".incbin \"" path "\"\n"                                                           \
		".local " #name "_end\n" #name "_end:\n"                                           \
		".popsection\n");                                                                  \
	extern "C" __attribute__((visibility("hidden"))) const uint8_t name[], name##_end[]

EMBED(oomscope_core_object, CORE_OBJECT);
EMBED(oomscope_tracepoint_object, TRACEPOINT_OBJECT);

namespace oomscope
{

ObjectBytes embedded_object(ObjectKind kind)
{
	if (kind == ObjectKind::Core)
		return {oomscope_core_object,
			static_cast<size_t>(oomscope_core_object_end - oomscope_core_object)};
	return {oomscope_tracepoint_object,
		static_cast<size_t>(oomscope_tracepoint_object_end - oomscope_tracepoint_object)};
}

} /* namespace oomscope */
