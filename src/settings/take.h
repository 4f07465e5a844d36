// How a value of the settings file is judged and taken: one function a kind of value. Each answers what is
// allowed there, or nothing when the value fits, and then it is in `into`, which outlives the function. One
// thread.
#pragma once

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "model/limits.h"
#include "model/public_origin.h"
#include "model/zone.h"

namespace kiln::settings {

using Take = std::function<std::string(const toml::node&)>;

[[nodiscard]] Take take_text(std::string& into);
[[nodiscard]] Take take_number(int& into, int least, int most);
[[nodiscard]] Take take_seconds(int& milliseconds, int least, int most);
[[nodiscard]] Take take_bool(bool& into);
[[nodiscard]] Take take_label(std::string& into);
[[nodiscard]] Take take_account(std::string& into);
[[nodiscard]] Take take_domain(std::string& into);
[[nodiscard]] Take take_origin(std::optional<model::PublicOrigin>& into);
[[nodiscard]] Take take_base_url(std::string& into);  // without a / at its end
[[nodiscard]] Take take_path(std::filesystem::path& into);
// A size in words; `smallest` is `least` in words.
[[nodiscard]] Take take_size(std::uint64_t& into);
[[nodiscard]] Take take_size(std::uint64_t& into, std::uint64_t least, std::string smallest);
[[nodiscard]] Take take_environment(std::map<std::string, std::string>& into);
[[nodiscard]] Take take_limit(model::LimitSettings& into, std::string name);
// Lists: where Workers may connect to, operators' domains, proxies, host names of the page, where git may go,
// addresses and ports that builds reach.
[[nodiscard]] Take take_outbound(std::vector<std::string>& into);
[[nodiscard]] Take take_zones(std::vector<model::Zone>& into);
[[nodiscard]] Take take_proxies(IpRanges& into);
[[nodiscard]] Take take_hosts(std::vector<std::string>& into);
[[nodiscard]] Take take_git_places(std::vector<std::string>& into);
[[nodiscard]] Take take_build_addresses(std::vector<std::string>& into);
// Of signing in by a provider of identities.
[[nodiscard]] Take take_provider(std::string& into);
[[nodiscard]] Take take_scopes(std::vector<std::string>& into);
[[nodiscard]] Take take_groups(std::vector<std::string>& into);
[[nodiscard]] Take take_forward_ports(std::vector<std::uint16_t>& into);

template <typename T>
[[nodiscard]] Take take_word(T& into, std::vector<std::pair<std::string, T>> words) {
  return [&into, words = std::move(words)](const toml::node& node) -> std::string {
    const std::string value = node.value<std::string>().value_or("");
    std::string allowed;
    for (const auto& [word, meaning] : words) {
      if (word == value) {
        into = meaning;
        return {};
      }
      allowed += (allowed.empty() ? "one of \"" : "\", \"") + word;
    }
    return allowed + "\"";
  };
}

}  // namespace kiln::settings
