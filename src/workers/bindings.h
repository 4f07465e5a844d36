// The bindings of a new version: those of the upload, those it inherits or keeps from the version before, and
// the values of its secrets, apart. Pure functions: any thread.
#pragma once

#include <boost/json/array.hpp>
#include <map>
#include <set>
#include <string>

#include "base/result.h"
#include "workers/metadata.h"

namespace kiln::workers {

using Secrets = std::map<std::string, std::string>;

struct Bindings {
  boost::json::array list;  // as stored and shown: a secret_text has its name and type alone
  Secrets secrets;
};

// Secrets of the version before are kept unless redefined: older clients do not ask for it, and nobody means
// to lose them. Only a list of kept types that names secret_key and leaves secret_text out drops those that
// the upload does not name: so an older client removes one. `strict`: an inherit binding with nothing to
// inherit is Errc::inherit_invalid; otherwise it is dropped. Errors: Errc::binding_unsupported naming the
// binding, Errc::script_invalid.
[[nodiscard]] Result<Bindings> resolve_bindings(const Metadata& metadata, const Bindings& before,
                                                bool strict);

// `before` with these secrets set (a value) or removed (nothing). Errors: Errc::secret_not_found for removing
// one that is not there, Errc::invalid when the name is another binding's.
[[nodiscard]] Result<Bindings> edit_secrets(const Bindings& before,
                                            const std::map<std::string, std::optional<std::string>>& changes);

// Bindings as stored, from bindings_json. Errors: Errc::corrupt.
[[nodiscard]] Result<boost::json::array> parse_stored(const std::string& bindings_json);

}  // namespace kiln::workers
