// Ids as people write them: as much of one as tells it from others. One thread; asks the server only for what
// is not whole.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/server.h"

namespace kiln::cli {

// What an id is of: the API's word for it, and the command that lists such things.
struct IdKind {
  std::string_view kind;
  std::string_view lists;
};
inline constexpr IdKind kBuildIds{"build", "kiln builds"};
inline constexpr IdKind kVersionIds{"version", "kiln versions WORKER"};
inline constexpr IdKind kTriggerIds{"trigger", "kiln trigger list"};

// Whether it can be the beginning of an id: 4 to 32 hex digits, hyphens aside.
[[nodiscard]] bool may_begin_an_id(std::string_view text);

struct FoundId {
  std::string id;
  std::string worker_name;  // whose it is
};
// Errors: Errc::not_found, naming what lists such things; Errc::conflict when it is the beginning of several,
// saying of which.
[[nodiscard]] Result<FoundId> find_id(Server& server, const IdKind& kind, const std::string& given);
// The same without asking where it is whole.
[[nodiscard]] Result<std::string> whole_id(Server& server, const IdKind& kind, const std::string& given);

// The one of a list that is meant: by its name, its id, or the beginning of its id. Errors as above.
struct ListKeys {
  std::string_view id;    // the member that has the id
  std::string_view name;  // and the name; empty: it has none
};
[[nodiscard]] Result<boost::json::value> pick(const boost::json::array& all, const ListKeys& keys,
                                              const IdKind& kind, const std::string& given);

}  // namespace kiln::cli
