/* SPDX-License-Identifier: Apache-2.0 */
#include "addon.h"

#include "events.h"

namespace oomscope
{

namespace
{

LoadOptions to_load_options(const Napi::Object &js)
{
	LoadOptions options;
	options.object = to_string(js.Get("object")) == "tracepoint" ? ObjectKind::Tracepoint
								     : ObjectKind::Core;
	options.programs = to_strings(js.Get("programs"));
	const auto constants = js.Get("constants").As<Napi::Object>();
	for (const auto &entry : constants)
		options.constants[to_string(entry.first)] = to_u64(entry.second);
	const auto rings = js.Get("ringBytes").As<Napi::Object>();
	for (const auto &entry : rings) {
		const Napi::Value bytes = entry.second;
		options.ring_bytes[to_string(entry.first)] = bytes.As<Napi::Number>().Uint32Value();
	}
	const Napi::Value gate = js.Get("gatePath");
	if (!gate.IsNull())
		options.gate_path = to_string(gate);
	const Napi::Value cgroup_root = js.Get("cgroupRoot");
	if (!cgroup_root.IsNull())
		options.cgroup_root = to_string(cgroup_root);
	return options;
}

class JsProgramSet : public Napi::ObjectWrap<JsProgramSet>
{
public:
	static Napi::Function define(Napi::Env env)
	{
		return DefineClass(env, "ProgramSet",
				   {StaticMethod<&JsProgramSet::load>("load"),
				    StaticMethod<&JsProgramSet::adopt>("adopt"),
				    InstanceMethod<&JsProgramSet::attach>("attach"),
				    InstanceMethod<&JsProgramSet::pin>("pin"),
				    InstanceMethod<&JsProgramSet::detach>("detach"),
				    InstanceMethod<&JsProgramSet::close>("close"),
				    InstanceMethod<&JsProgramSet::set_gate>("setGate"),
				    InstanceMethod<&JsProgramSet::gate>("gate"),
				    InstanceMethod<&JsProgramSet::heartbeat>("heartbeat"),
				    InstanceMethod<&JsProgramSet::run_times>("runTimes"),
				    InstanceMethod<&JsProgramSet::programs>("programs")});
	}

	/* new ProgramSet() is empty: load() and adopt() fill it. */
	explicit JsProgramSet(const Napi::CallbackInfo &info) : Napi::ObjectWrap<JsProgramSet>(info)
	{
	}

	std::shared_ptr<ProgramSet> get(Napi::Env env) const
	{
		if (!set_)
			throw Napi::Error::New(env, "The program set is closed");
		return set_;
	}

private:
	/* Static methods are called on the class, which knows its environment: one addon serves several worker threads. */
	static Napi::Value wrap(const Napi::CallbackInfo &info, std::shared_ptr<ProgramSet> set)
	{
		Napi::Object js = info.This().As<Napi::Function>().New({});
		Unwrap(js)->set_ = std::move(set);
		return js;
	}

	static Napi::Value load(const Napi::CallbackInfo &info)
	{
		return guarded(info.Env(), [&] {
			if (!info[0].IsObject())
				throw Napi::TypeError::New(info.Env(), "An object was expected");
			return wrap(info,
				    ProgramSet::load(to_load_options(info[0].As<Napi::Object>())));
		});
	}

	static Napi::Value adopt(const Napi::CallbackInfo &info)
	{
		return guarded(info.Env(), [&] {
			return wrap(info, ProgramSet::adopt(to_string(info[0]), to_string(info[1]),
							    to_strings(info[2])));
		});
	}

	Napi::Value attach(const Napi::CallbackInfo &info)
	{
		return guarded(info.Env(), [&] {
			const auto outcomes = get(info.Env())->attach();
			Napi::Array array = Napi::Array::New(info.Env());
			for (const AttachOutcome &outcome : outcomes) {
				Napi::Object js = Napi::Object::New(info.Env());
				js.Set("program", outcome.program);
				if (outcome.error_number) {
					const KernelError error(outcome.error_number,
								"attaching " + outcome.program,
								outcome.log);
					js.Set("error", to_js_error(info.Env(), error).Value());
				} else {
					js.Set("error", info.Env().Null());
				}
				array.Set(array.Length(), js);
			}
			return array;
		});
	}

	void pin(const Napi::CallbackInfo &info)
	{
		guarded(info.Env(), [&] { get(info.Env())->pin(to_string(info[0])); });
	}

	void detach(const Napi::CallbackInfo &info)
	{
		get(info.Env())->detach();
	}

	/* A Reader that still has the set keeps it open. */
	void close(const Napi::CallbackInfo &)
	{
		set_.reset();
	}

	void set_gate(const Napi::CallbackInfo &info)
	{
		guarded(info.Env(), [&] { get(info.Env())->set_gate(to_u64(info[0])); });
	}

	Napi::Value gate(const Napi::CallbackInfo &info)
	{
		return guarded(info.Env(), [&] {
			return Napi::BigInt::New(info.Env(), get(info.Env())->gate());
		});
	}

	Napi::Value heartbeat(const Napi::CallbackInfo &info)
	{
		const struct control *control = get(info.Env())->control();
		Napi::Object js = Napi::Object::New(info.Env());
		js.Set("beatUs", static_cast<double>(control->reader_beat_ns / 1000));
		js.Set("timeoutUs", static_cast<double>(control->reader_timeout_ns / 1000));
		return js;
	}

	Napi::Value run_times(const Napi::CallbackInfo &info)
	{
		const auto set = get(info.Env());
		const auto names = set->program_names();
		const auto times = set->run_times();
		Napi::Array array = Napi::Array::New(info.Env());
		for (size_t i = 0; i < times.size(); i++) {
			Napi::Object js = Napi::Object::New(info.Env());
			js.Set("program", names[i]);
			js.Set("runs", static_cast<double>(times[i].runs));
			js.Set("runNs", static_cast<double>(times[i].nanoseconds));
			array.Set(array.Length(), js);
		}
		return array;
	}

	Napi::Value programs(const Napi::CallbackInfo &info)
	{
		return to_js(info.Env(), get(info.Env())->program_names());
	}

	std::shared_ptr<ProgramSet> set_;
};

} /* namespace */

Napi::Function define_program_set(Napi::Env env)
{
	return JsProgramSet::define(env);
}

std::shared_ptr<ProgramSet> unwrap_program_set(const Napi::Value &value)
{
	JsProgramSet *set =
		value.IsObject() ? JsProgramSet::Unwrap(value.As<Napi::Object>()) : nullptr;
	if (!set)
		throw Napi::TypeError::New(value.Env(), "A ProgramSet was expected");
	return set->get(value.Env());
}

} /* namespace oomscope */
