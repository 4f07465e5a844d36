#include "scm/git/seed_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/strings.h"
#include "scm/git/git_command.h"
#include "scm/git/tree_entries.h"

namespace kiln::scm {
namespace {

constexpr std::size_t kLargestListing = 16U << 20U;

tl::unexpected<Error> refused(const std::string& field, const std::string& why) {
  return fail(Errc::invalid, why, "seed_repo." + field);
}

// An index file in the mirror while this lives; one that a killed process left is taken away first.
class OwnIndex {
 public:
  explicit OwnIndex(const std::filesystem::path& mirror) : file_(mirror / "kiln-seed.index") { remove(); }
  ~OwnIndex() { remove(); }
  OwnIndex(const OwnIndex&) = delete;
  OwnIndex& operator=(const OwnIndex&) = delete;

  [[nodiscard]] std::string setting() const { return "GIT_INDEX_FILE=" + file_.string(); }

 private:
  void remove() const {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
    std::filesystem::remove(file_.string() + ".lock", ignored);
  }

  std::filesystem::path file_;
};

class TreeWriter {
 public:
  TreeWriter(Processes& processes, const std::filesystem::path& mirror)
      : processes_(processes), mirror_(mirror), index_(mirror) {}

  Status read(const std::string& tree, const std::string& folder) {
    const Result<ProcessEnd> listed = run({"ls-tree", "-r", "-l", "-z", "--full-tree", tree});
    if (!listed) return tl::unexpected<Error>(listed.error());
    if (!listed->ok()) {
      return refused("path",
                     fmt::format("'{}' is not a folder of the template: {}", folder, complaint(*listed)));
    }
    entries_ = parse_tree(listed->out);
    if (Status fits = check_limits(listed->truncated); !fits) return fits;
    return must_work(run({"read-tree", tree}));
  }

  Status put(const SeedFile& file, const std::string& field) {
    const Result<const TreeEntry*> old = place_of(file.path, field);
    if (!old) return tl::unexpected<Error>(old.error());
    Result<std::string> content = content_of(file, *old, field);
    if (!content) return tl::unexpected<Error>(content.error());
    const Result<ProcessEnd> blob = run({"hash-object", "-w", "-t", "blob", "--stdin"}, std::move(*content));
    if (Status fine = must_work(blob); !fine) return fine;
    const std::string mode = *old == nullptr ? "100644" : (*old)->mode;
    std::string line = fmt::format("{} {}\t{}", mode, trim(blob->out), file.path);
    line.push_back('\0');
    return must_work(run({"update-index", "-z", "--index-info"}, std::move(line)));
  }

  Result<std::string> write() {
    const Result<ProcessEnd> tree = run({"write-tree"});
    if (Status fine = must_work(tree); !fine) return tl::unexpected<Error>(fine.error());
    return std::string(trim(tree->out));
  }

 private:
  Result<ProcessEnd> run(std::vector<std::string> arguments, std::string input = {}) {
    ProcessSpec spec = git_spec(mirror_, std::move(arguments));
    spec.environment.push_back(index_.setting());
    spec.input = std::move(input);
    spec.max_output = kLargestListing;
    return processes_.run(spec);
  }

  // These commands fail only for what stands in the template, such as a file named .git.
  static Status must_work(const Result<ProcessEnd>& end) {
    if (!end) return tl::unexpected<Error>(end.error());
    if (!end->ok()) return refused("path", "git refuses the template's files: " + complaint(*end));
    return {};
  }

  Status check_limits(bool truncated) const {
    std::size_t bytes = 0;
    for (const TreeEntry& entry : entries_) {
      bytes += entry.size;
      if (entry.type == "commit")
        return refused("path",
                       fmt::format("the template has a submodule, {}, which cannot be copied", entry.path));
    }
    if (entries_.empty()) return refused("path", "the template has no files there");
    if (truncated || entries_.size() > kMostSeedFiles) {
      return refused("path", fmt::format("the template has more than {} files there", kMostSeedFiles));
    }
    if (bytes > kMostSeedBytes) {
      return refused("path",
                     fmt::format("the template's files there have {} bytes, and at most {} are copied", bytes,
                                 kMostSeedBytes));
    }
    return {};
  }

  // The file that stands at `path`, or none; refused where something stands that is no plain file.
  Result<const TreeEntry*> place_of(const std::string& path, const std::string& field) const {
    for (const TreeEntry& entry : entries_) {
      const bool is_file_above = path.starts_with(entry.path + "/");
      const bool is_folder = entry.path.starts_with(path + "/");
      const bool is_link = entry.path == path && !is_regular(entry);
      if (is_file_above || is_folder || is_link) {
        return refused(field,
                       fmt::format("'{}' cannot be written: {} is {} in the template", path, entry.path,
                                   is_link     ? "a symlink"
                                   : is_folder ? "below it"
                                               : "a file"));
      }
    }
    const auto same = std::find_if(entries_.begin(), entries_.end(),
                                   [&path](const TreeEntry& entry) { return entry.path == path; });
    return same == entries_.end() ? nullptr : &*same;
  }

  Result<std::string> content_of(const SeedFile& file, const TreeEntry* old, const std::string& field) {
    if (!file.replace) return file.content;
    if (old == nullptr)
      return refused(field,
                     fmt::format("'{}' is not in the template, so nothing can be replaced in it", file.path));
    if (old->size > kLargestSeedEdit) {
      return refused(field, fmt::format("'{}' has {} bytes; text is replaced in files of at most {}",
                                        file.path, old->size, kLargestSeedEdit));
    }
    const Result<ProcessEnd> text = run({"cat-file", "blob", old->hash});
    if (Status fine = must_work(text); !fine) return tl::unexpected<Error>(fine.error());
    std::string_view rest = text->out;
    std::string changed;
    std::size_t found = rest.find(*file.replace);
    if (found == rest.npos)
      return refused(field, fmt::format("'{}' does not have the text that is to be replaced", file.path));
    for (; found != rest.npos; found = rest.find(*file.replace)) {
      changed.append(rest.substr(0, found)).append(file.content);
      rest.remove_prefix(found + file.replace->size());
      if (changed.size() > kMostSeedBytes)
        return refused(field, fmt::format("'{}' would have more than {} bytes", file.path, kMostSeedBytes));
    }
    return changed.append(rest);
  }

  Processes& processes_;
  const std::filesystem::path& mirror_;
  OwnIndex index_;
  std::vector<TreeEntry> entries_;
};

}  // namespace

Result<std::string> write_seed_tree(Processes& processes, const std::filesystem::path& mirror,
                                    const std::string& commit, const std::string& folder,
                                    const std::vector<SeedFile>& files) {
  TreeWriter writer(processes, mirror);
  if (Status read = writer.read(commit + ":" + folder, folder); !read)
    return tl::unexpected<Error>(read.error());
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (Status put = writer.put(files[i], fmt::format("files[{}]", i)); !put)
      return tl::unexpected<Error>(put.error());
  }
  return writer.write();
}

}  // namespace kiln::scm
