// Port: the ids that begin as somebody has written them, of the things that people name by a part of an id.
// Owned by app; every method is one snapshot and safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace kiln::store {

enum class IdKind { build, version, deployment, trigger, delivery };

struct IdFound {
  IdKind kind = IdKind::build;
  Uuid id;
  std::string worker_name;  // whose it is, or was; empty: nobody's
};

class IdStore {
 public:
  virtual ~IdStore() = default;

  // Of the account: what is live, and what builds remember. `beginning` has 1 to 32 hex digits, without
  // hyphens. At most `most` a kind, by their ids.
  [[nodiscard]] virtual Result<std::vector<IdFound>> ids_that_begin(const std::string& account_id,
                                                                    std::string_view beginning,
                                                                    const std::vector<IdKind>& kinds,
                                                                    int most) = 0;
};

}  // namespace kiln::store
