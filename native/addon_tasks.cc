/* SPDX-License-Identifier: Apache-2.0 */
#include "addon.h"

#include "task_iterator.h"

#include <memory>
#include <optional>
#include <utility>

namespace oomscope
{

namespace
{

using LoadedIterator = Napi::External<std::unique_ptr<TaskIterator>>;

/* Loads on a thread of the pool: the kernel's types are megabytes, and JavaScript has kills to tell meanwhile. */
class LoadWorker : public Napi::AsyncWorker
{
public:
	explicit LoadWorker(Napi::Function constructor)
	    : Napi::AsyncWorker(constructor.Env()), constructor_(Napi::Persistent(constructor)),
	      deferred_(constructor.Env())
	{
	}

	Napi::Promise promise() const
	{
		return deferred_.Promise();
	}

protected:
	void Execute() override
	{
		try {
			iterator_ = TaskIterator::load();
		} catch (const KernelError &error) {
			error_ = error;
		}
	}

	void OnOK() override
	{
		if (error_)
			deferred_.Reject(to_js_error(Env(), *error_).Value());
		else
			deferred_.Resolve(
				constructor_.New({LoadedIterator::New(Env(), &iterator_)}));
	}

	void OnError(const Napi::Error &error) override
	{
		deferred_.Reject(error.Value());
	}

private:
	Napi::FunctionReference constructor_;
	Napi::Promise::Deferred deferred_;
	std::unique_ptr<TaskIterator> iterator_;
	std::optional<KernelError> error_;
};

class JsTaskIterator : public Napi::ObjectWrap<JsTaskIterator>
{
public:
	static Napi::Function define(Napi::Env env)
	{
		return DefineClass(env, "TaskIterator",
				   {StaticMethod<&JsTaskIterator::load>("load"),
				    InstanceMethod<&JsTaskIterator::read>("read"),
				    InstanceMethod<&JsTaskIterator::close>("close")});
	}

	explicit JsTaskIterator(const Napi::CallbackInfo &info)
	    : Napi::ObjectWrap<JsTaskIterator>(info)
	{
		/* Only LoadWorker passes something. */
		if (info[0].IsExternal())
			iterator_ = std::move(*info[0].As<LoadedIterator>().Data());
		else
			guarded(info.Env(), [&] { iterator_ = TaskIterator::load(); });
	}

private:
	static Napi::Value load(const Napi::CallbackInfo &info)
	{
		/* It deletes itself. */
		auto *worker = new LoadWorker(info.This().As<Napi::Function>());
		worker->Queue();
		return worker->promise();
	}

	Napi::Value read(const Napi::CallbackInfo &info)
	{
		return guarded(info.Env(), [&] {
			if (!iterator_)
				throw Napi::Error::New(info.Env(), "The task iterator is closed");
			const std::vector<uint8_t> records = iterator_->read();
			return Napi::Buffer<uint8_t>::Copy(info.Env(), records.data(),
							   records.size());
		});
	}

	void close(const Napi::CallbackInfo &)
	{
		iterator_.reset();
	}

	std::unique_ptr<TaskIterator> iterator_;
};

} /* namespace */

Napi::Function define_task_iterator(Napi::Env env)
{
	return JsTaskIterator::define(env);
}

} /* namespace oomscope */
