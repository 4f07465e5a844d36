// One thing of ours at a host - a comment, a hook - that is found again, brought up to date, or made: of
// hosts where such things are a list that is read and added to. Only for scm/forge.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "scm/forge/api_call.h"
#include "scm/forge/forge_api.h"

namespace kiln::scm {

struct KeptThing {
  std::string_view title;                                      // the host's, for errors
  ApiCall list;                                                // the first page of all such things
  std::string_view member = {};                                // of a page, its list; empty: it is the page
  std::function<std::string(const json::object&)> id_if_ours;  // of one of the list; empty: it is not ours
  ApiCall create;                                              // with its body
  std::function<Result<ApiAnswer>(const std::string& id)> change;  // what brings ours up to date
};

// Changes the thing that is known, or, where one may be there, the first that is ours; makes one where there
// is none, or where somebody has deleted it. Returns its id, empty when the host did not say one.
[[nodiscard]] Result<std::string> keep_one(HttpClient& http, const KeptThing& thing, const Known& known);

// As keep_one, of a hook: what is there is not known before.
[[nodiscard]] Status keep_one_hook(HttpClient& http, const KeptThing& hook);

// Deletes the first hook that is ours, by `call_of` its id; whether there was one. `hook` needs a list and
// id_if_ours.
[[nodiscard]] Result<bool> drop_one_hook(HttpClient& http, const KeptThing& hook,
                                         const std::function<ApiCall(const std::string& id)>& call_of);

// For GitHub and Gitea, of one of their hooks: its id if its deliveries go to that URL, or empty.
[[nodiscard]] std::string id_of_hook_to(const std::string& url, const json::object& hook);
// The same for a URL that ends so.
[[nodiscard]] std::string id_of_hook_ending(const std::string& url_end, const json::object& hook);

}  // namespace kiln::scm
