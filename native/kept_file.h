/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_KEPT_FILE_H
#define OOMSCOPE_KEPT_FILE_H

#include "unique_fd.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace oomscope
{

/*
 * A small file of the kernel that is read again and again: opened once, as long as descriptors last, else each time. Reading
 * it needs no memory of ours. Not thread-safe: one thread has them all.
 */
class KeptFile
{
public:
	/* How the kernel hands it out: most of these come whole with one read, /proc/vmstat does not. */
	enum class Comes {
		Whole,
		InPieces
	};

	explicit KeptFile(std::string path, Comes comes = Comes::Whole);
	KeptFile(KeptFile &&other) noexcept = default;
	KeptFile &operator=(KeptFile &&other) noexcept = delete;
	~KeptFile();

	/* Its text, valid until any file is read again; empty = it is not there or cannot be read. */
	std::string_view read();

private:
	std::string path_;
	Comes comes_;
	UniqueFd fd_;
	bool absent_ = false;
};

/* Which line of a file is which value. A value that stands in several lines is their sum. */
using FieldOfKey = std::unordered_map<std::string_view, int>;

/* Values by number, and which of them were read. */
struct Fields {
	unsigned long long *values;
	unsigned long long *present;

	void set(int field, uint64_t value) const
	{
		values[field] = value;
		*present |= 1ULL << field;
	}
	void add(int field, uint64_t value) const
	{
		const bool known = *present >> field & 1;
		set(field, known ? values[field] + value : value);
	}
};

/* Lines "key value", "key: value" or "key: value kB"; the last are taken times 1024. Others are passed over. */
void read_fields(std::string_view text, const FieldOfKey &field_of_key, Fields into);

/* A file that holds one number. Nullopt = it is not one: "max", or nothing. */
std::optional<uint64_t> read_number(std::string_view text);

/* The `total=` of the line of a pressure file that begins with `kind`, in microseconds. */
std::optional<uint64_t> pressure_total(std::string_view text, std::string_view kind);

} /* namespace oomscope */

#endif
