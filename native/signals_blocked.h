/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_SIGNALS_BLOCKED_H
#define OOMSCOPE_SIGNALS_BLOCKED_H

#include <csignal>
#include <pthread.h>

namespace oomscope
{

/*
 * While it lives, threads that are started here get no signals: a thread begins with its creator's mask. Signals are for the
 * threads that know what to do with them.
 */
class SignalsBlocked
{
public:
	SignalsBlocked()
	{
		sigset_t all;
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before_);
	}
	~SignalsBlocked()
	{
		pthread_sigmask(SIG_SETMASK, &before_, nullptr);
	}
	SignalsBlocked(const SignalsBlocked &) = delete;
	SignalsBlocked &operator=(const SignalsBlocked &) = delete;

private:
	sigset_t before_;
};

} /* namespace oomscope */

#endif
