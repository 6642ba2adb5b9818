/* SPDX-License-Identifier: Apache-2.0 */
#include "addon.h"

#include "task_iterator.h"

namespace oomscope
{

namespace
{

class JsTaskIterator : public Napi::ObjectWrap<JsTaskIterator>
{
public:
	static Napi::Function define(Napi::Env env)
	{
		return DefineClass(env, "TaskIterator",
				   {InstanceMethod<&JsTaskIterator::read>("read"),
				    InstanceMethod<&JsTaskIterator::close>("close")});
	}

	explicit JsTaskIterator(const Napi::CallbackInfo &info)
	    : Napi::ObjectWrap<JsTaskIterator>(info)
	{
		guarded(info.Env(), [&] { iterator_ = TaskIterator::load(); });
	}

private:
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
