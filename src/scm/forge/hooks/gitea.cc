#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "scm/forge/hooks/claimed_words.h"
#include "scm/forge/hooks/fields.h"
#include "scm/forge/hooks/payload.h"
#include "scm/forge/hooks/pull_request.h"
#include "scm/forge/hooks/readers.h"
#include "scm/forge/hooks/signature.h"

namespace kiln::scm {
namespace {

constexpr std::string_view kGiteaProvider = "gitea";

// The newest name first: Forgejo sends all of them.
std::string_view gitea_header(const HookRequest& request, std::string_view what) {
  for (const std::string_view who : {"x-forgejo-", "x-gitea-", "x-gogs-"}) {
    const std::string_view value = request.header(std::string(who) + std::string(what));
    if (!value.empty()) return value;
  }
  return {};
}

std::string gitea_user(const json::object& event, std::string_view name) {
  const json::object* user = object_at(event, name);
  if (user == nullptr) return {};
  const std::string login = text_at(*user, "login");
  return login.empty() ? text_at(*user, "username") : login;
}

Result<model::PushEvent> gitea_push_of(const json::object& event, const std::string& delivery_key) {
  model::PushEvent push;
  push.provider = kGiteaProvider;
  push.delivery_id = delivery_key;
  const json::object* repository = object_at(event, "repository");
  if (repository == nullptr) return missing("the push", "repository");
  push.repo_id = id_at(*repository);
  push.repo_full_name = text_at(*repository, "full_name");
  push.clone_url = text_at(*repository, "clone_url");
  push.pusher = gitea_user(event, "pusher");
  if (push.pusher.empty()) push.pusher = gitea_user(event, "sender");
  return push;
}

Result<model::ScmEvent> parse_gitea_push(const json::object& event, const std::string& delivery_key) {
  Result<model::PushEvent> push = gitea_push_of(event, delivery_key);
  if (!push) return tl::unexpected<Error>(push.error());
  if (const Status read = read_ref(event, *push); !read) return tl::unexpected<Error>(read.error());
  const json::object* head = object_at(event, "head_commit");
  read_head_commit(head != nullptr ? head : listed_commit(event, push->after), *push);
  if (push->author.empty()) push->author = push->pusher;
  // The list is cut, at five commits as it comes, and whether a push was forced is not said: git knows.
  push->changed = files_of_commits(event, false);
  if (const auto total = number_at(event, "total_commits"); total && *total > 0)
    push->changed.commits = static_cast<std::size_t>(*total);
  return model::ScmEvent(std::vector<model::PushEvent>{std::move(*push)});
}

// A deleted ref comes by this event alone, under its short name.
Result<model::ScmEvent> parse_gitea_delete(const json::object& event, const std::string& delivery_key) {
  const std::string kind = text_at(event, "ref_type");
  if (kind != "branch" && kind != "tag")
    return model::ScmEvent(model::IgnoredEvent{fmt::format("delete of a {} builds nothing", kind)});
  Result<model::PushEvent> push = gitea_push_of(event, delivery_key);
  if (!push) return tl::unexpected<Error>(push.error());
  const std::string name = text_at(event, "ref");
  if (name.empty()) return missing("the event", "ref");
  push->ref = name.starts_with("refs/") ? name : (kind == "tag" ? "refs/tags/" : "refs/heads/") + name;
  return model::ScmEvent(std::vector<model::PushEvent>{std::move(*push)});
}

Result<model::ScmEvent> parse_gitea_repository(const json::object& event, const std::string& delivery_key) {
  const std::string action = text_at(event, "action");
  if (action != "deleted")
    return model::ScmEvent(model::IgnoredEvent{fmt::format("repository {} builds nothing", action)});
  const json::object* repository = object_at(event, "repository");
  if (repository == nullptr || id_at(*repository).empty()) return missing("the event", "repository");
  model::RepositoryNews news;
  news.what = model::RepositoryNews::What::deleted;
  news.provider = kGiteaProvider;
  news.delivery_id = delivery_key;
  news.repo_id = id_at(*repository);
  news.repo_full_name = text_at(*repository, "full_name");
  return model::ScmEvent(std::move(news));
}

class GiteaHooks final : public HookReader {
 public:
  bool claims(const HookRequest& request) const override { return !gitea_header(request, "event").empty(); }

  Status check_head(const HookRequest& request) const override {
    if (gitea_header(request, "event").empty() || gitea_header(request, "delivery").empty()) {
      return fail(
          Errc::invalid,
          "Invalid request: the X-Gitea-Event and X-Gitea-Delivery headers (or Forgejo's, or Gogs') are "
          "required",
          "X-Gitea-Delivery");
    }
    // Without a secret the signature is there and empty.
    if (!is_hex_signature({}, gitea_header(request, "signature")))
      return fail(Errc::unauthenticated, "the delivery has no signature", "X-Gitea-Signature");
    return {};
  }

  HookNames names(const HookRequest& request) const override {
    return {std::string(gitea_header(request, "event")), std::string(gitea_header(request, "delivery"))};
  }

  Result<ClaimedRepo> claimed_repo(const HookRequest& request) const override {
    Result<std::vector<std::string>> words =
        claimed_words(request, {{"repository.id", true}, {"repository.full_name"}, {"repository.clone_url"}});
    if (!words) return tl::unexpected<Error>(words.error());
    return ClaimedRepo{std::move(words->at(0)), std::move(words->at(1)), std::move(words->at(2))};
  }

  // Over the JSON, also where it comes as a form.
  bool is_signed_by(std::string_view secret, const HookRequest& request, TimeMs /*now*/) const override {
    std::string decoded;
    const Result<std::string_view> text = payload_text(request, decoded);
    return text && hex_signature_fits({}, secret, *text, gitea_header(request, "signature"));
  }

  Result<model::ScmEvent> parse(const HookRequest& request, const std::string& delivery_key) const override {
    constexpr std::array<std::string_view, 5> read = {"push", "delete", "repository", "pull_request",
                                                      "pull_request_sync"};
    const std::string_view event = gitea_header(request, "event");
    if (std::find(read.begin(), read.end(), event) == read.end())
      return model::ScmEvent(model::IgnoredEvent{fmt::format("event {} builds nothing", event)});
    const Result<json::object> payload = payload_of(request);
    if (!payload) return tl::unexpected<Error>(payload.error());
    if (event == "push") return parse_gitea_push(*payload, delivery_key);
    if (event == "delete") return parse_gitea_delete(*payload, delivery_key);
    if (event == "repository") return parse_gitea_repository(*payload, delivery_key);
    return parse_pull_request(*payload, kGiteaProvider, delivery_key);
  }
};

}  // namespace

const HookReader& gitea_hooks() {
  static const GiteaHooks one;
  return one;
}

}  // namespace kiln::scm
