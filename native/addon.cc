/* SPDX-License-Identifier: Apache-2.0 */
#include "addon.h"

#include "embedded_objects.h"
#include "hardening.h"
#include "host.h"

#include <unistd.h>

namespace oomscope
{

namespace
{

Napi::Value js_object_bytes(const Napi::CallbackInfo &info)
{
	const bool tracepoint = to_string(info[0]) == "tracepoint";
	const ObjectBytes bytes =
		embedded_object(tracepoint ? ObjectKind::Tracepoint : ObjectKind::Core);
	return Napi::Buffer<uint8_t>::Copy(info.Env(), bytes.data, bytes.size);
}

Napi::Value js_functions_in_btf(const Napi::CallbackInfo &info)
{
	return guarded(info.Env(),
		       [&] { return to_js(info.Env(), functions_in_btf(to_strings(info[0]))); });
}

Napi::Value js_clocks(const Napi::CallbackInfo &info)
{
	const Clocks clocks = read_clocks();
	Napi::Object js = Napi::Object::New(info.Env());
	/* Microseconds: nanoseconds since 1970 are beyond 2^53. */
	js.Set("bootUs", static_cast<double>(clocks.boot_ns / 1000));
	js.Set("epochUs", static_cast<double>(clocks.epoch_ns / 1000));
	return js;
}

Napi::Value js_try_lock(const Napi::CallbackInfo &info)
{
	return guarded(info.Env(), [&] {
		return Napi::Boolean::New(info.Env(),
					  try_lock(info[0].As<Napi::Number>().Int32Value()));
	});
}

void js_create_pinned_value(const Napi::CallbackInfo &info)
{
	guarded(info.Env(), [&] {
		create_pinned_value(to_string(info[0]), to_string(info[1]),
				    info[2].As<Napi::Number>().Uint32Value());
	});
}

Napi::Value js_read_pinned_value(const Napi::CallbackInfo &info)
{
	return guarded(info.Env(), [&] {
		const std::vector<uint8_t> bytes = read_pinned_value(to_string(info[0]));
		return Napi::Buffer<uint8_t>::Copy(info.Env(), bytes.data(), bytes.size());
	});
}

void js_write_pinned_value(const Napi::CallbackInfo &info)
{
	guarded(info.Env(), [&] {
		if (!info[1].IsTypedArray())
			throw Napi::TypeError::New(info.Env(), "A Uint8Array was expected");
		const auto bytes = info[1].As<Napi::Uint8Array>();
		write_pinned_value(to_string(info[0]),
				   {bytes.Data(), bytes.Data() + bytes.ByteLength()});
	});
}

Napi::Value js_unread_ring_bytes(const Napi::CallbackInfo &info)
{
	return guarded(info.Env(), [&] {
		return Napi::Number::New(
			info.Env(), static_cast<double>(unread_ring_bytes(to_string(info[0]))));
	});
}

Napi::Value js_bpf_works_without_capabilities(const Napi::CallbackInfo &info)
{
	return Napi::Boolean::New(info.Env(), bpf_works_without_capabilities());
}

void js_drop_capabilities(const Napi::CallbackInfo &info)
{
	guarded(info.Env(), [&] {
		bool lossless = false;
		drop_capabilities(info[0].As<Napi::BigInt>().Uint64Value(&lossless));
	});
}

Napi::Value js_lock_code(const Napi::CallbackInfo &info)
{
	return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), lock_code()); });
}

} /* namespace */

Napi::Object initialize(Napi::Env env, Napi::Object exports)
{
	exports.Set("pageBytes", static_cast<double>(sysconf(_SC_PAGESIZE)));
	exports.Set("objectBytes", Napi::Function::New(env, js_object_bytes, "objectBytes"));
	exports.Set("functionsInBtf",
		    Napi::Function::New(env, js_functions_in_btf, "functionsInBtf"));
	exports.Set("clocks", Napi::Function::New(env, js_clocks, "clocks"));
	exports.Set("tryLock", Napi::Function::New(env, js_try_lock, "tryLock"));
	exports.Set("createPinnedValue",
		    Napi::Function::New(env, js_create_pinned_value, "createPinnedValue"));
	exports.Set("readPinnedValue",
		    Napi::Function::New(env, js_read_pinned_value, "readPinnedValue"));
	exports.Set("writePinnedValue",
		    Napi::Function::New(env, js_write_pinned_value, "writePinnedValue"));
	exports.Set("unreadRingBytes",
		    Napi::Function::New(env, js_unread_ring_bytes, "unreadRingBytes"));
	exports.Set("bpfWorksWithoutCapabilities",
		    Napi::Function::New(env, js_bpf_works_without_capabilities,
					"bpfWorksWithoutCapabilities"));
	exports.Set("dropCapabilities",
		    Napi::Function::New(env, js_drop_capabilities, "dropCapabilities"));
	exports.Set("lockCode", Napi::Function::New(env, js_lock_code, "lockCode"));
	exports.Set("ProgramSet", define_program_set(env));
	exports.Set("Reader", define_reader(env));
	exports.Set("TaskIterator", define_task_iterator(env));
	return exports;
}

} /* namespace oomscope */

static Napi::Object initialize_addon(Napi::Env env, Napi::Object exports)
{
	return oomscope::initialize(env, exports);
}

NODE_API_MODULE(NODE_GYP_MODULE_NAME, initialize_addon)
