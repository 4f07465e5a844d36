// What an unverified delivery says its repository is: only for finding the secret to verify it with. Value.
#pragma once

#include <string>

namespace kiln::scm {

struct ClaimedRepo {
  std::string id;
  std::string full_name;
  std::string clone_url;
};

}  // namespace kiln::scm
