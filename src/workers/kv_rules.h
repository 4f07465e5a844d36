// What a KV namespace takes, and in which words the hosted platform refuses the rest: the same for bindings
// and for the API. Pure functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "model/kv.h"
#include "store/kv_values.h"

namespace kiln::workers {

// Errors: Errc::invalid, and Errc::too_large where it is too long.
[[nodiscard]] Status check_kv_key(std::string_view name);
// Its key, its value, and its metadata, which must be JSON.
[[nodiscard]] Status check_kv_entry(const store::KvEntry& entry);

// When an entry ends, from what was asked for: `ttl` in seconds, else `at` in seconds of Unix time; nothing
// when neither is given. Errors: Errc::invalid.
[[nodiscard]] Result<std::optional<TimeMs>> kv_end(const std::optional<std::string>& ttl,
                                                   const std::optional<std::string>& at, TimeMs now);

}  // namespace kiln::workers
