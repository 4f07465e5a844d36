#include "scm/forge/kept.h"

namespace kiln::scm {
namespace {

constexpr int kMostKeptPages = 100;

// The id of the first that is; empty: none.
Result<std::string> find_ours(HttpClient& http, const KeptThing& thing) {
  std::string id;
  const Status listed =
      each_of(http, thing.title, thing.list, thing.member, kMostKeptPages, [&](const json::object& one) {
        id = thing.id_if_ours(one);
        return id.empty();
      });
  if (!listed) return tl::unexpected<Error>(listed.error());
  return id;
}

}  // namespace

Result<std::string> keep_one(HttpClient& http, const KeptThing& thing, const Known& known) {
  std::string id = known.id;
  if (id.empty() && known.may_exist) {
    Result<std::string> found = find_ours(http, thing);
    if (!found) return found;
    id = std::move(*found);
  }
  if (!id.empty()) {
    const Result<ApiAnswer> changed = thing.change(id);
    if (changed) return id;
    // Somebody has deleted it.
    if (changed.error().code != Errc::not_found) return tl::unexpected<Error>(changed.error());
  }
  const Result<ApiAnswer> made = call_api(http, thing.title, thing.create);
  if (!made) return tl::unexpected<Error>(made.error());
  return scalar_at(made->body, "id");
}

Status keep_one_hook(HttpClient& http, const KeptThing& hook) {
  const Result<std::string> kept = keep_one(http, hook, {"", true});
  if (!kept) return tl::unexpected<Error>(kept.error());
  return {};
}

Result<bool> drop_one_hook(HttpClient& http, const KeptThing& hook,
                           const std::function<ApiCall(const std::string& id)>& call_of) {
  const Result<std::string> id = find_ours(http, hook);
  if (!id) return tl::unexpected<Error>(id.error());
  if (id->empty()) return false;
  const Result<ApiAnswer> gone = call_api(http, hook.title, call_of(*id));
  if (gone) return true;
  if (gone.error().code == Errc::not_found) return false;
  return tl::unexpected<Error>(gone.error());
}

std::string id_of_hook_to(const std::string& url, const json::object& hook) {
  const json::object* config = object_at(hook, "config");
  const bool is_ours = config != nullptr && text_at(*config, "url") == url;
  return is_ours ? scalar_at(hook, "id") : std::string();
}

std::string id_of_hook_ending(const std::string& url_end, const json::object& hook) {
  const json::object* config = object_at(hook, "config");
  const bool is_ours = config != nullptr && text_at(*config, "url").ends_with(url_end);
  return is_ours ? scalar_at(hook, "id") : std::string();
}

}  // namespace kiln::scm
