#include "model/branch_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/printable.h"

namespace kiln::model {
namespace {

Status refuse_name(const std::string& why) {
  return fail(Errc::invalid, "the branch name " + why, "branch");
}

bool component_is_sane(std::string_view component) {
  return !component.empty() && component.front() != '.' && !component.ends_with(".lock");
}

// A joiner or a variation selector does something to what it follows; behind ASCII, or nothing, it is there
// to make one name look like another.
bool has_a_stray_joiner(std::string_view branch) {
  for (std::size_t at = 0; at + 3 <= branch.size(); ++at) {
    const std::string_view character = branch.substr(at, 3);
    const bool joins =
        character == "\u200c" || character == "\u200d" || (character >= "\ufe00" && character <= "\ufe0f");
    if (joins && (at == 0 || static_cast<unsigned char>(branch[at - 1]) < 0x80)) return true;
  }
  return false;
}

}  // namespace

Status check_branch_name(std::string_view branch) {
  if (branch.empty()) return refuse_name("is empty");
  if (branch.size() > kLongestBranchName) {
    return refuse_name(fmt::format("has {} bytes, where {} are the most", branch.size(), kLongestBranchName));
  }
  if (branch.front() == '-') return refuse_name("begins with '-'");
  if (printable(branch, branch.size()) != branch || has_a_stray_joiner(branch)) {
    return refuse_name("is not UTF-8 text, or has a character in it that is not shown as one");
  }
  if (branch.find_first_of(" ~^:?*[\\") != branch.npos) {
    return refuse_name("has a character that git forbids: a space or one of ~^:?*[\\");
  }
  if (branch == "@" || branch == "HEAD" || branch.back() == '.')
    return refuse_name("is not one that git allows");
  if (branch.find("..") != branch.npos || branch.find("@{") != branch.npos) {
    return refuse_name("has \"..\" or \"@{\" in it");
  }
  for (std::size_t begin = 0; begin <= branch.size();) {
    const std::size_t slash = std::min(branch.find('/', begin), branch.size());
    if (!component_is_sane(branch.substr(begin, slash - begin))) {
      return refuse_name("has a part that is empty, begins with '.' or ends with \".lock\"");
    }
    begin = slash + 1;
  }
  return {};
}

}  // namespace kiln::model
