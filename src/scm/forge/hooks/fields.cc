#include "scm/forge/hooks/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time_format.h"

namespace kiln::scm {

std::string id_at(const json::object& object, std::string_view name) {
  const json::value* id = object.if_contains(name);
  if (id == nullptr) return {};
  if (id->is_int64()) return std::to_string(id->as_int64());
  if (id->is_uint64()) return std::to_string(id->as_uint64());
  return {};
}

namespace {

bool is_commit_id(const std::string& id) {
  return (id.size() == 40 || id.size() == 64) &&
         id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// "+01:30" and "-0800" in minutes; nothing for anything else.
std::optional<int> offset_of(std::string_view text) {
  if (text == "Z" || text == " UTC" || text == "UTC") return 0;
  if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  std::string digits(text.substr(1));
  if (digits.size() == 5 && digits[2] == ':') digits.erase(2, 1);
  if (digits.size() != 4 || digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  if (digits.compare(0, 2, "24") >= 0 || digits[2] > '5') return std::nullopt;
  const int minutes =
      ((digits[0] - '0') * 10 + digits[1] - '0') * 60 + (digits[2] - '0') * 10 + digits[3] - '0';
  return text[0] == '-' ? -minutes : minutes;
}

std::optional<TimeMs> moment_of(std::string_view text) {
  constexpr std::size_t seconds_end = 19;  // 2026-11-24T10:00:00
  if (text.size() <= seconds_end) return std::nullopt;
  std::string plain(text.substr(0, seconds_end));
  if (plain[10] == ' ') plain[10] = 'T';
  std::string_view rest = text.substr(seconds_end);
  std::string fraction;
  if (rest[0] == '.') {
    const std::size_t end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    fraction = rest.substr(1, std::min<std::size_t>(end - 1, 3));
    rest.remove_prefix(end);
  }
  fraction.resize(3, '0');
  const std::optional<int> offset = offset_of(rest);
  const Result<TimeMs> local = parse_rfc3339(plain + "." + fraction + "Z");
  if (!offset || !local) return std::nullopt;
  return *local - TimeMs{*offset} * 60'000;
}

}  // namespace

Result<std::string> commit_of(std::string id, std::string_view name) {
  if (!is_commit_id(id))
    return fail(Errc::invalid, fmt::format("{} is not a commit id", name), std::string(name));
  return id.find_first_not_of('0') == std::string::npos ? std::string() : id;
}

Result<std::string> commit_at(const json::object& event, std::string_view name) {
  return commit_of(text_at(event, name), name);
}

Result<TimeMs> moment_at(const json::object& object, std::string_view name) {
  constexpr std::int64_t end = 253'402'300'800'000;  // of the year 9999, behind which dates have no form
  if (const std::optional<std::int64_t> ms = number_at(object, name); ms && *ms > 0 && *ms < end)
    return TimeMs{*ms};
  const std::optional<TimeMs> moment = moment_of(text_at(object, name));
  if (!moment) return fail(Errc::invalid, fmt::format("{} is not a time", name), std::string(name));
  return *moment;
}

Status read_moments(const json::object& request, std::string_view created, std::string_view updated,
                    model::PullRequestEvent& news) {
  const Result<TimeMs> made = moment_at(request, created);
  if (!made) return tl::unexpected<Error>(made.error());
  const Result<TimeMs> changed = moment_at(request, updated);
  if (!changed) return tl::unexpected<Error>(changed.error());
  news.created_on = *made;
  news.updated_on = *changed;
  return {};
}

Status read_ref(const json::object& event, model::PushEvent& push) {
  push.ref = text_at(event, "ref");
  if (!push.ref.starts_with("refs/")) return fail(Errc::invalid, "ref is not a full ref name", "ref");
  const Result<std::string> before = commit_at(event, "before");
  if (!before) return tl::unexpected<Error>(before.error());
  const Result<std::string> after = commit_at(event, "after");
  if (!after) return tl::unexpected<Error>(after.error());
  push.before = *before;
  push.after = *after;
  return {};
}

const json::object* listed_commit(const json::object& event, const std::string& id) {
  const json::array* commits = array_at(event, "commits");
  if (commits == nullptr) return nullptr;
  for (const json::value& commit : *commits) {
    const json::object* fields = commit.if_object();
    if (fields != nullptr && text_at(*fields, "id") == id) return fields;
  }
  return nullptr;
}

void read_head_commit(const json::object* commit, model::PushEvent& push) {
  if (commit == nullptr) return;
  push.head_message = text_at(*commit, "message");
  if (const json::object* author = object_at(*commit, "author")) push.author = text_at(*author, "name");
}

model::ChangedFiles files_of_commits(const json::object& event, bool is_difference) {
  model::ChangedFiles changed;
  const json::array* commits = array_at(event, "commits");
  if (commits == nullptr) return changed;
  changed.commits = commits->size();
  if (!is_difference || commits->size() >= model::kMaxCommitsLookedAt) return changed;
  for (const json::value& commit : *commits) {
    const json::object* fields = commit.if_object();
    if (fields == nullptr) return {};
    for (const char* list : {"added", "removed", "modified"}) {
      const json::array* paths = array_at(*fields, list);
      if (paths == nullptr) return changed;
      for (const json::value& path : *paths) {
        if (path.is_string()) changed.paths.emplace_back(path.get_string());
      }
    }
  }
  // A file that several commits touch is one changed file.
  std::sort(changed.paths.begin(), changed.paths.end());
  changed.paths.erase(std::unique(changed.paths.begin(), changed.paths.end()), changed.paths.end());
  changed.known = !commits->empty();
  return changed;
}

std::string owner_of(const std::string& full_name) {
  const std::size_t slash = full_name.rfind('/');
  return slash == std::string::npos ? std::string() : full_name.substr(0, slash);
}

tl::unexpected<Error> missing(std::string_view what, std::string_view field) {
  return fail(Errc::invalid, fmt::format("{} has no usable {}", what, field), std::string(field));
}

}  // namespace kiln::scm
