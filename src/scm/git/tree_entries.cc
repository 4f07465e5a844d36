#include "scm/git/tree_entries.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/strings.h"

namespace kiln::scm {
namespace {

// "<mode> <type> <hash> <size padded>\t<path>"; a size of "-" where there is none.
std::optional<TreeEntry> parse_entry(std::string_view line) {
  const std::size_t tab = line.find('\t');
  if (tab == line.npos) return std::nullopt;
  std::vector<std::string> words;
  for (std::string& word : split(line.substr(0, tab), ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  if (words.size() != 4) return std::nullopt;
  TreeEntry entry{words[0], words[1], words[2], 0, std::string(line.substr(tab + 1))};
  if (entry.type != "blob") return entry;
  const std::string& size = words[3];
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), entry.size);
  if (error != std::errc() || end != size.data() + size.size()) return std::nullopt;
  return entry;
}

}  // namespace

std::vector<TreeEntry> parse_tree(std::string_view out) {
  std::vector<TreeEntry> entries;
  while (!out.empty()) {
    const std::size_t end = std::min(out.find('\0'), out.size());
    if (std::optional<TreeEntry> entry = parse_entry(out.substr(0, end)))
      entries.push_back(std::move(*entry));
    out.remove_prefix(std::min(end + 1, out.size()));
  }
  return entries;
}

bool is_regular(const TreeEntry& entry) {
  return entry.type == "blob" && (entry.mode == "100644" || entry.mode == "100755");
}

bool is_tree_path(std::string_view path) {
  const std::vector<std::string> parts = split(path, '/');
  return std::none_of(parts.begin(), parts.end(),
                      [](const std::string& part) { return part.empty() || part == "." || part == ".."; });
}

}  // namespace kiln::scm
