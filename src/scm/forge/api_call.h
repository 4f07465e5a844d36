// One call to a forge's JSON API, and what its answer means for whoever called (forge_api.h has the table of
// errors). Only for scm/forge. Any thread that owns the HttpClient.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http_client.h"
#include "base/result.h"
#include "scm/forge/fields.h"

namespace kiln::scm {

struct ApiCall {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<json::object> body;
};

struct ApiAnswer {
  int status = 0;
  json::value body;    // null where there was none
  std::string next;    // URL of the next page (RFC 8288), if it is of the same origin; or empty
  std::string scopes;  // X-OAuth-Scopes: what the token may, where the host says so; or empty
};

// `title` is the forge's, for the words of an error: "GitHub answered 404 to POST /repos/…: Not Found". The
// `field` of a refusal is its status in digits; of Errc::rate_limited the seconds to wait, a day at most, or
// empty where the host does not say. What has moved at the same origin, such as a renamed repository, is
// asked for there, once.
[[nodiscard]] Result<ApiAnswer> call_api(HttpClient& http, std::string_view title, const ApiCall& call);

// Gives each member of a paged list to `seen` until that returns false, over at most `most_pages` pages. The
// list is the answer itself, or its member of that name.
[[nodiscard]] Status each_of(HttpClient& http, std::string_view title, ApiCall first, std::string_view member,
                             int most_pages, const std::function<bool(const json::object&)>& seen);

// At most so many bytes, cut between characters, with "…" where something was cut.
[[nodiscard]] std::string cut_to(std::string_view text, std::size_t most);

}  // namespace kiln::scm
