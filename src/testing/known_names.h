// Name resolution out of a list, for tests. Owned by the test; belongs to its thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/resolver.h"

namespace kiln::testing {

class KnownNames final : public Resolver {
 public:
  // What is not in the list is asked of the system when it is a number, and has no address else.
  std::map<std::string, std::vector<std::string>> names;

  Result<std::vector<IpAddress>> resolve(const std::string& host) override {
    if (const auto found = names.find(host); found != names.end()) {
      std::vector<IpAddress> addresses;
      for (const std::string& text : found->second) addresses.push_back(IpAddress::parse(text).value());
      return addresses;
    }
    if (host.find_first_not_of("0123456789abcdefx.:") == std::string::npos) return system_.resolve(host);
    return fail(Errc::unavailable, "the name " + host + " has no address");
  }

 private:
  SystemResolver system_;
};

}  // namespace kiln::testing
