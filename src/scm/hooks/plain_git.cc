#include "scm/hooks/plain_git.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "base/strings.h"

namespace kiln::scm {
namespace {

constexpr std::string_view kFormat = "kiln-push-1";
constexpr std::size_t kMostRefs = 1'000;
constexpr std::size_t kLongestField = 64U << 10U;

// Takes NUL-terminated fields one by one; remembers the first thing that was wrong.
class FieldReader {
 public:
  explicit FieldReader(std::string_view body) : rest_(body) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool failed() const { return !problem_.empty(); }
  [[nodiscard]] const std::string& problem() const { return problem_; }

  std::string next(std::string_view what) {
    if (failed()) return {};
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) {
      problem_ = fmt::format("the report ends inside field {} ({})", count_ + 1, what);
      return {};
    }
    std::string field(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    ++count_;
    if (field.size() > kLongestField)
      problem_ = fmt::format("field {} ({}) is longer than 64 KiB", count_, what);
    return field;
  }

  void refuse(std::string_view what) {
    if (!failed()) problem_ = fmt::format("field {} is no {}", count_, what);
  }

 private:
  std::string_view rest_;
  std::size_t count_ = 0;
  std::string problem_;
};

// A commit id, or empty for git's all-zero "no such commit".
std::string read_commit(FieldReader& fields, std::string_view what) {
  std::string id = fields.next(what);
  const bool hex = id.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!fields.failed() && (!hex || (id.size() != 40 && id.size() != 64))) fields.refuse("commit id");
  return id.find_first_not_of('0') == std::string::npos ? std::string() : id;
}

bool read_flag(FieldReader& fields, std::string_view what) {
  const std::string text = fields.next(what);
  if (!fields.failed() && text != "0" && text != "1") fields.refuse("flag (0 or 1)");
  return text == "1";
}

std::size_t read_count(FieldReader& fields, std::string_view what) {
  const std::string text = fields.next(what);
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!fields.failed() && (error != std::errc() || end != text.data() + text.size())) fields.refuse("number");
  return value;
}

model::PushEvent read_ref(FieldReader& fields, const std::string& delivery_id) {
  model::PushEvent push;
  push.provider = "git";
  push.delivery_id = delivery_id;
  push.before = read_commit(fields, "old commit");
  push.after = read_commit(fields, "new commit");
  push.ref = fields.next("ref name");
  if (!fields.failed() && push.ref.compare(0, 5, "refs/") != 0) fields.refuse("full ref name");
  push.forced = read_flag(fields, "forced");
  push.changed.commits = read_count(fields, "number of commits");
  push.author = to_valid_utf8(fields.next("author"));
  push.pusher = push.author;
  push.head_message = to_valid_utf8(trim(fields.next("message")));
  push.skip_requested = read_flag(fields, "skip option");
  push.changed.known = !push.before.empty() && !push.after.empty();
  while (!fields.failed()) {
    std::string path = fields.next("path");
    if (path.empty()) break;
    if (push.changed.paths.size() < model::kMaxFilesLookedAt) push.changed.paths.push_back(std::move(path));
  }
  return push;
}

}  // namespace

Result<model::ScmEvent> parse_plain_git(std::string_view body) {
  FieldReader fields(body);
  const std::string format = fields.next("format");
  if (!fields.failed() && format != kFormat) {
    return fail(Errc::invalid,
                fmt::format("the report does not begin with {}; connect the repository again to renew its "
                            "hook",
                            kFormat),
                "format");
  }
  const std::string delivery_id = fields.next("delivery id");
  std::vector<model::PushEvent> pushes;
  while (!fields.failed() && !fields.at_end()) {
    const std::string word = fields.next("ref");
    if (!fields.failed() && word != "ref") fields.refuse("beginning of a ref");
    pushes.push_back(read_ref(fields, delivery_id));
    if (pushes.size() > kMostRefs) return fail(Errc::invalid, "the report names more than 1,000 refs", "ref");
  }
  if (fields.failed()) return fail(Errc::invalid, fields.problem(), "body");
  if (delivery_id.empty()) return fail(Errc::invalid, "the delivery id is empty", "delivery id");
  if (pushes.empty()) return model::ScmEvent(model::IgnoredEvent{"the report names no ref"});
  return model::ScmEvent(std::move(pushes));
}

}  // namespace kiln::scm
