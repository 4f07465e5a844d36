// Which kind of source host stands behind an address, and as whom git clones there by a token. Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::scm {

// "github, gitlab, … or git": the kinds that a person may name, those of scm::forges().
[[nodiscard]] std::string provider_choice();

// The kind that a clone URL's host is of by its name; nothing of a web host whose name says nothing. Paths
// and SSH addresses are "git": whoever wants more of such a host names its kind.
[[nodiscard]] std::optional<std::string> provider_by_name(const std::string& url);

// The Authorization header's value with which git clones over HTTP(S) from that kind of host.
[[nodiscard]] std::string clone_authorization(std::string_view provider, const std::string& token);

// Where the public half of a deploy key is added there, in words that end a sentence.
[[nodiscard]] std::string_view deploy_key_place(std::string_view provider);

}  // namespace kiln::scm
