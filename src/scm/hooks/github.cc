#include "scm/hooks/github.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "base/hash.h"
#include "base/hex.h"
#include "scm/hooks/github_fields.h"
#include "scm/hooks/github_payload.h"
#include "scm/hooks/github_pull_request.h"

namespace kiln::scm {
namespace {

namespace json = boost::json;

Result<json::object> payload_of(const GithubDelivery& delivery) {
  std::string decoded;
  const Result<std::string_view> text = payload_text(delivery, decoded);
  if (!text) return tl::unexpected<Error>(text.error());
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = kDeepestPayload;
  json::value value = json::parse(json::string_view(text->data(), text->size()), error, {}, options);
  if (error || !value.is_object()) {
    return fail(Errc::invalid,
                "the delivery is not a JSON object; set the webhook's content type to application/json",
                "body");
  }
  return std::move(value.as_object());
}

// The payload's own lists of changed files, where they are whole: GitHub cuts them on large pushes, and on a
// forced or new ref they do not describe the difference to `before`.
model::ChangedFiles files_of(const json::object& event, const model::PushEvent& push) {
  model::ChangedFiles changed;
  const json::value* value = event.if_contains("commits");
  const json::array* commits = value == nullptr ? nullptr : value->if_array();
  if (commits == nullptr) return changed;
  changed.commits = commits->size();
  if (push.forced || push.before.empty() || commits->size() >= model::kMaxCommitsLookedAt) return changed;
  for (const json::value& commit : *commits) {
    const json::object* fields = commit.if_object();
    if (fields == nullptr) return {};
    for (const char* list : {"added", "removed", "modified"}) {
      const json::value* paths = fields->if_contains(list);
      if (paths == nullptr || !paths->is_array()) return changed;
      for (const json::value& path : paths->get_array()) {
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

Result<model::ScmEvent> parse_push(const json::object& event, const GithubDelivery& delivery) {
  model::PushEvent push;
  push.provider = "github";
  push.delivery_id = delivery.delivery_id;
  const json::object* repository = object_at(event, "repository");
  if (repository == nullptr) return fail(Errc::invalid, "the push names no repository", "repository");
  push.repo_id = repo_id(*repository);
  push.repo_full_name = text_at(*repository, "full_name");
  push.clone_url = text_at(*repository, "clone_url");
  push.ref = text_at(event, "ref");
  if (push.ref.compare(0, 5, "refs/") != 0) return fail(Errc::invalid, "ref is not a full ref name", "ref");
  const Result<std::string> before = commit_at(event, "before");
  if (!before) return tl::unexpected<Error>(before.error());
  const Result<std::string> after = commit_at(event, "after");
  if (!after) return tl::unexpected<Error>(after.error());
  push.before = *before;
  push.after = *after;
  push.forced = flag_at(event, "forced");
  if (const json::object* head = object_at(event, "head_commit")) {
    push.head_message = text_at(*head, "message");
    if (const json::object* author = object_at(*head, "author")) push.author = text_at(*author, "name");
  }
  if (const json::object* pusher = object_at(event, "pusher")) push.pusher = text_at(*pusher, "name");
  if (push.author.empty()) push.author = push.pusher;
  push.changed = files_of(event, push);
  return model::ScmEvent(std::vector<model::PushEvent>{std::move(push)});
}

}  // namespace

bool github_signature_ok(std::string_view secret, std::string_view body, std::string_view signature) {
  return equal_constant_time("sha256=" + to_hex(hmac_sha256(secret, body)), signature);
}

bool is_github_signature(std::string_view signature) {
  constexpr std::string_view scheme = "sha256=";
  constexpr std::size_t digits = 64;
  if (!signature.starts_with(scheme) || signature.size() != scheme.size() + digits) return false;
  signature.remove_prefix(scheme.size());
  return std::all_of(signature.begin(), signature.end(), [](char c) { return hex_value(c) >= 0; });
}

Result<model::ScmEvent> parse_github(const GithubDelivery& delivery) {
  if (delivery.event != "push" && delivery.event != "pull_request") {
    return model::ScmEvent(model::IgnoredEvent{fmt::format("event {} builds nothing", delivery.event)});
  }
  const Result<json::object> event = payload_of(delivery);
  if (!event) return tl::unexpected<Error>(event.error());
  if (delivery.event == "pull_request") return parse_github_pull_request(*event, delivery);
  return parse_push(*event, delivery);
}

}  // namespace kiln::scm
