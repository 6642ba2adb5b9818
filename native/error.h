/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_ERROR_H
#define OOMSCOPE_ERROR_H

#include <stdexcept>
#include <string>
#include <utility>

namespace oomscope
{

/* A kernel's or libbpf's refusal, as plain facts: JavaScript decides what it means. */
struct KernelError : std::runtime_error {
	/* `error_number` is positive; `log` is what libbpf and the verifier said, possibly empty. */
	KernelError(int error_number, const std::string &what, std::string log = {})
	    : std::runtime_error(what), error_number(error_number), log(std::move(log))
	{
	}
	int error_number;
	std::string log;
};

} /* namespace oomscope */

#endif
