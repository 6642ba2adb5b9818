/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_ADDON_H
#define OOMSCOPE_ADDON_H

#include "error.h"
#include "program_set.h"

#include <cstring>
#include <memory>
#include <napi.h>
#include <string>
#include <vector>

/*
 * What JavaScript sees. Arguments are checked in TypeScript (src/sources/kernel/native.ts, which also documents each
 * function): here a wrong type only must not crash.
 */
namespace oomscope
{

Napi::Function define_program_set(Napi::Env env);
Napi::Function define_reader(Napi::Env env);
Napi::Function define_task_iterator(Napi::Env env);

/* The set inside a JavaScript ProgramSet. Throws if it is none, or was closed. */
std::shared_ptr<ProgramSet> unwrap_program_set(const Napi::Value &value);

/* A JavaScript Error with `code` (such as "EPERM") and `log`. */
inline Napi::Error to_js_error(Napi::Env env, const KernelError &error)
{
	Napi::Error js = Napi::Error::New(env, std::string(error.what()) + ": " +
						       strerror(error.error_number));
	const char *code = strerrorname_np(error.error_number);
	js.Set("code", Napi::String::New(env, code ? code : "EUNKNOWN"));
	js.Set("log", Napi::String::New(env, error.log));
	return js;
}

/* Runs `body`, turning what C++ throws into what JavaScript throws. */
template <typename Body> auto guarded(Napi::Env env, Body body) -> decltype(body())
{
	try {
		return body();
	} catch (const KernelError &error) {
		throw to_js_error(env, error);
	} catch (const Napi::Error &) {
		throw;
	} catch (const std::exception &error) {
		throw Napi::Error::New(env, error.what());
	}
}

inline std::string to_string(const Napi::Value &value)
{
	/* As<> does not check, and napi fails with "A string was expected" on anything else. */
	return value.As<Napi::String>().Utf8Value();
}

inline std::vector<std::string> to_strings(const Napi::Value &value)
{
	if (!value.IsArray())
		throw Napi::TypeError::New(value.Env(), "An array was expected");
	const auto array = value.As<Napi::Array>();
	std::vector<std::string> strings;
	for (uint32_t i = 0; i < array.Length(); i++)
		strings.push_back(to_string(array.Get(i)));
	return strings;
}

inline Napi::Array to_js(Napi::Env env, const std::vector<std::string> &strings)
{
	Napi::Array array = Napi::Array::New(env, strings.size());
	for (uint32_t i = 0; i < strings.size(); i++)
		array.Set(i, strings[i]);
	return array;
}

/* Counters become numbers, exact below 2^53. */
inline Napi::Array to_js(Napi::Env env, const std::vector<uint64_t> &counters)
{
	Napi::Array array = Napi::Array::New(env, counters.size());
	for (uint32_t i = 0; i < counters.size(); i++)
		array.Set(i, static_cast<double>(counters[i]));
	return array;
}

inline uint64_t to_u64(const Napi::Value &value)
{
	bool lossless = false;
	const uint64_t number = value.As<Napi::BigInt>().Uint64Value(&lossless);
	if (!lossless)
		throw Napi::RangeError::New(value.Env(), "An unsigned 64-bit BigInt was expected");
	return number;
}

} /* namespace oomscope */

#endif
