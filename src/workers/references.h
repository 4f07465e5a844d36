// What the bindings of an account's Workers lead to: whether it exists, and which Worker is bound to which
// now. Stateless over the ports; any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "workers/ports.h"

namespace kiln::workers {

// Every service binding of the list names a Worker of the account, or `own_name`, which may be new, and every
// KV binding a namespace of it, each D1 binding a database, each R2 binding a bucket, each queue
// binding a queue. Errors:
// Errc::binding_unsupported naming binding and what is not there.
[[nodiscard]] Status check_targets(Ports& ports, const std::string& account_id, const std::string& own_name,
                                   const boost::json::array& bindings);

struct References {
  std::vector<std::string> incoming;  // names of the Workers whose live versions are bound to it
  std::vector<std::string> outgoing;  // and of those it is bound to
};
[[nodiscard]] Result<References> references_of(Ports& ports, const model::Worker& worker);
// Of each of these, which are all Workers of an account, by tag.
[[nodiscard]] Result<std::map<std::string, References>> references_among(
    Ports& ports, const std::vector<model::Worker>& workers);

// Whether the account's Workers of [{"service":"name"}] can hear of this one's requests. Errors:
// Errc::binding_unsupported where one is not there, or where Workers would hear of each other's hearing in a
// circle, for ever; Errc::invalid.
[[nodiscard]] Status check_tail_consumers(Ports& ports, const std::string& account_id,
                                          const std::string& own_name, const boost::json::value& list);

}  // namespace kiln::workers
