// An account's set-up as values: what `kiln export` prints, and what an import wants, be it read from such a
// file or from the hosted service. Resources name each other; values of secrets are not among them. Pure; any
// thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace kiln::cli {

// One thing that the API makes. Its kind (kinds.h) says which attributes it has.
struct Resource {
  std::string type;
  std::string name;  // of its type the only one; by it others refer to it
  boost::json::object attributes;
};

// What the API alone does not make, and the command that settles it.
struct LeftOver {
  std::string type;
  std::string name;
  std::string why;                   // a sentence without a full stop
  std::vector<std::string> command;  // word by word; empty: there is none
};

struct AccountSetUp {
  std::vector<Resource> resources;  // what is referred to first
  std::vector<LeftOver> left_over;
};

// `name`, or "name (2)" and so on where the list has one of that type called so.
[[nodiscard]] std::string unused_name(const AccountSetUp& set_up, const std::string& type,
                                      const std::string& name);

// nullptr: there is none.
[[nodiscard]] const Resource* find(const AccountSetUp& set_up, const std::string& type,
                                   const std::string& name);

// Where a repository of a public host is cloned from, as the server says it by itself; empty: another host's.
[[nodiscard]] std::string usual_clone_url(const boost::json::value& repository);

}  // namespace kiln::cli
