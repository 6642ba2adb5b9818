/* SPDX-License-Identifier: Apache-2.0 */
#include "addon.h"

#include "reader.h"
#include "sampler.h"

#include <memory>
#include <utility>

namespace oomscope
{

namespace
{

/* {records, losses: [{words, misses}]}: a copy, so that the reader's buffer can be filled again. */
Napi::Object delivery_to_js(Napi::Env env, Reader::Delivery &&delivery)
{
	Napi::Object js = Napi::Object::New(env);
	js.Set("records",
	       Napi::Buffer<uint8_t>::Copy(env, delivery.records.data(), delivery.records.size()));
	Napi::Array losses = Napi::Array::New(env);
	for (const SetLoss &loss : delivery.losses) {
		Napi::Object entry = Napi::Object::New(env);
		entry.Set("words", to_js(env, loss.loss_words));
		const std::vector<std::string> names = loss.set->program_names();
		Napi::Object misses = Napi::Object::New(env);
		for (size_t i = 0; i < names.size(); i++) {
			if (loss.run_misses[i] > 0)
				misses.Set(names[i], static_cast<double>(loss.run_misses[i]));
		}
		entry.Set("misses", misses);
		losses.Set(losses.Length(), entry);
	}
	js.Set("losses", losses);
	return js;
}

/*
 * Threads. The reader's thread runs notify_javascript(), which queues one call for the JavaScript thread. Everything else
 * runs there. The thread is joined by stop(), or, when the environment goes away first (process.exit(), the end of a worker
 * thread), by a cleanup hook, which Node runs before it takes the thread-safe function down: hooks run last in, first out.
 */
class JsReader : public Napi::ObjectWrap<JsReader>
{
public:
	static Napi::Function define(Napi::Env env)
	{
		return DefineClass(env, "Reader",
				   {InstanceMethod<&JsReader::start_sampling>("startSampling"),
				    InstanceMethod<&JsReader::watch_cgroup>("watchCgroup"),
				    InstanceMethod<&JsReader::forget_cgroup>("forgetCgroup"),
				    InstanceMethod<&JsReader::retire>("retire"),
				    InstanceMethod<&JsReader::stop>("stop")});
	}

	/* new Reader(sets, timeoutNs, onDelivery) */
	explicit JsReader(const Napi::CallbackInfo &info)
	    : Napi::ObjectWrap<JsReader>(info), env_(info.Env())
	{
		guarded(info.Env(), [&] {
			Reader::Options options;
			if (!info[0].IsArray() || !info[2].IsFunction())
				throw Napi::TypeError::New(
					info.Env(), "Program sets and a function were expected");
			const auto sets = info[0].As<Napi::Array>();
			for (uint32_t i = 0; i < sets.Length(); i++)
				options.sets.push_back(unwrap_program_set(sets.Get(i)));
			options.timeout_ns = to_u64(info[1]);
			on_delivery_ = Napi::Persistent(info[2].As<Napi::Function>());
			queue_ = Napi::ThreadSafeFunction::New(env_, info[2].As<Napi::Function>(),
							       "oomscope", 0, 1);
			options.notify = [queue = queue_, running = running_] {
				notify_javascript(queue, running);
			};
			try {
				running_->reader = std::make_shared<Reader>(std::move(options));
			} catch (...) {
				queue_.Release();
				throw;
			}
			napi_add_env_cleanup_hook(env_, join, running_.get());
			/* Not collected while the thread may call. */
			Ref();
		});
	}

	~JsReader() override
	{
		/* Still running only when the environment is gone, and then the hook has joined the thread. */
		if (running_->reader)
			napi_remove_env_cleanup_hook(env_, join, running_.get());
	}

private:
	/* Shared with queued calls, which may run after stop(). Touched by the JavaScript thread only. */
	struct Running {
		std::shared_ptr<Reader> reader;
		/* Gives to the reader, so it ends first. */
		std::unique_ptr<Sampler> sampler;
	};

	static void join(void *running)
	{
		static_cast<Running *>(running)->sampler.reset();
		static_cast<Running *>(running)->reader.reset();
	}

	/* startSampling({set, cgroupRoot, cgroupVersion, intervalNs}) */
	void start_sampling(const Napi::CallbackInfo &info)
	{
		guarded(info.Env(), [&] {
			const auto js = info[0].As<Napi::Object>();
			Reader *reader = running_->reader.get();
			if (!reader || running_->sampler)
				throw Napi::Error::New(info.Env(),
						       "The reader has ended, or samples already");
			Sampler::Options options;
			options.set = unwrap_program_set(js.Get("set"));
			options.cgroup_root = to_string(js.Get("cgroupRoot"));
			const int version = js.Get("cgroupVersion").As<Napi::Number>().Int32Value();
			options.version = version == 1 ? CgroupVersion::V1 : CgroupVersion::V2;
			options.pinned_interval =
				std::chrono::nanoseconds(to_u64(js.Get("intervalNs")));
			options.offer = [reader](const std::vector<uint8_t> &records) {
				return reader->offer(records);
			};
			running_->sampler = std::make_unique<Sampler>(std::move(options));
		});
	}

	void watch_cgroup(const Napi::CallbackInfo &info)
	{
		if (running_->sampler)
			running_->sampler->watch_cgroup(to_u64(info[0]), to_string(info[1]));
	}

	void forget_cgroup(const Napi::CallbackInfo &info)
	{
		if (running_->sampler)
			running_->sampler->forget_cgroup(to_u64(info[0]));
	}

	/* On the reader's thread. Fails only when the environment is closing: then nobody wants it. */
	static void notify_javascript(const Napi::ThreadSafeFunction &queue,
				      const std::shared_ptr<Running> &running)
	{
		queue.NonBlockingCall([running](Napi::Env env, Napi::Function on_delivery) {
			const std::shared_ptr<Reader> reader = running->reader;
			if (!reader)
				return;
			try {
				deliver(env, on_delivery, *reader);
			} catch (const Napi::Error &error) {
				/* Else Node only warns (DEP0168), and the consumer's fault would go unseen. */
				napi_fatal_exception(env, error.Value());
			}
		});
	}

	static void deliver(Napi::Env env, const Napi::Function &on_delivery, Reader &reader)
	{
		/* In any case: an exception of the callback must not silence the reader for good. */
		struct Done {
			Reader &reader;
			bool settled;
			~Done()
			{
				reader.done(settled);
			}
		} done{reader, false};
		done.settled = on_delivery.Call({delivery_to_js(env, reader.take())}).ToBoolean();
	}

	void retire(const Napi::CallbackInfo &info)
	{
		guarded(info.Env(), [&] {
			if (running_->reader)
				running_->reader->retire(unwrap_program_set(info[0]));
		});
	}

	/* Delivers what is left, then lets go. Does nothing when called again. */
	void stop(const Napi::CallbackInfo &info)
	{
		guarded(info.Env(), [&] {
			const std::shared_ptr<Reader> reader =
				std::exchange(running_->reader, nullptr);
			if (!reader)
				return;
			napi_remove_env_cleanup_hook(env_, join, running_.get());
			running_->sampler.reset();
			reader->stop();
			queue_.Release();
			Unref();
			deliver(info.Env(), on_delivery_.Value(), *reader);
		});
	}

	Napi::Env env_;
	Napi::FunctionReference on_delivery_;
	Napi::ThreadSafeFunction queue_;
	std::shared_ptr<Running> running_ = std::make_shared<Running>();
};

} /* namespace */

Napi::Function define_reader(Napi::Env env)
{
	return JsReader::define(env);
}

} /* namespace oomscope */
