#include "settings/take.h"

#include <algorithm>

#include "base/ids.h"
#include "base/resolver.h"
#include "base/sizes.h"
#include "base/strings.h"
#include "model/build_network.h"
#include "model/oidc.h"
#include "scm/git/reach.h"

namespace kiln::settings {
namespace {

// Nothing for what is no string.
std::optional<std::string> text_of(const toml::node& node) {
  return node.is_string() ? node.value<std::string>() : std::nullopt;
}

// Every item by `item_of`, which answers nothing for one that does not fit; nothing for what is no list of
// such.
template <typename T, typename ItemOf>
std::optional<std::vector<T>> list_of(const toml::node& node, ItemOf item_of) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return std::nullopt;
  std::vector<T> items;
  for (const toml::node& one : *list) {
    std::optional<T> item = item_of(one);
    if (!item) return std::nullopt;
    items.push_back(std::move(*item));
  }
  return items;
}

template <typename T, typename ItemOf>
Take take_list(std::vector<T>& into, std::string allowed, ItemOf item_of) {
  return [&into, allowed = std::move(allowed), item_of](const toml::node& node) -> std::string {
    std::optional<std::vector<T>> items = list_of<T>(node, item_of);
    if (!items) return allowed;
    into = std::move(*items);
    return {};
  };
}

// A text that `fits`.
template <typename T, typename Fits>
Take take_checked(T& into, const char* allowed, Fits fits) {
  return [&into, allowed, fits](const toml::node& node) -> std::string {
    std::optional<std::string> text = text_of(node);
    if (!text || !fits(*text)) return allowed;
    into = std::move(*text);
    return {};
  };
}

bool is_range(const std::string& text) {
  return text.find('/') != std::string::npos && text.find('[') == std::string::npos &&
         IpRanges::parse({text}).has_value();
}

}  // namespace

Take take_text(std::string& into) {
  return take_checked(into, "a string", [](const std::string&) { return true; });
}

Take take_number(int& into, int least, int most) {
  return [&into, least, most](const toml::node& node) -> std::string {
    const auto value = node.value<std::int64_t>();
    if (!node.is_integer() || !value || *value < least || *value > most) {
      return fmt::format("a whole number from {} to {}", least, most);
    }
    into = static_cast<int>(*value);
    return {};
  };
}

Take take_seconds(int& milliseconds, int least, int most) {
  return [&milliseconds, least, most](const toml::node& node) {
    int seconds = 0;
    std::string allowed = take_number(seconds, least, most)(node);
    if (allowed.empty()) milliseconds = seconds * 1000;
    return allowed;
  };
}

Take take_bool(bool& into) {
  return [&into](const toml::node& node) -> std::string {
    if (!node.is_boolean()) return "true or false";
    into = node.value<bool>().value_or(into);
    return {};
  };
}

Take take_label(std::string& into) {
  return take_checked(into, "a DNS label: 1 to 63 of a-z, 0-9 and - within",
                      [](const std::string& text) { return is_dns_label(text); });
}

Take take_account(std::string& into) {
  return take_checked(into, "an account id: 32 lower-case hexadecimal digits",
                      [](const std::string& text) { return is_hex32(text); });
}

Take take_domain(std::string& into) {
  return take_checked(into, "a lower-case domain name",
                      [](const std::string& text) { return is_domain_name(text); });
}

Take take_origin(std::optional<model::PublicOrigin>& into) {
  return [&into](const toml::node& node) -> std::string {
    std::optional<model::PublicOrigin> origin = model::parse_public_origin(text_of(node).value_or(""));
    if (!origin) {
      return "http:// or https:// with a lower-case domain name, perhaps a port, and no path: "
             "\"https://workers.example.com\"";
    }
    into = std::move(origin);
    return {};
  };
}

Take take_base_url(std::string& into) {
  return [&into](const toml::node& node) -> std::string {
    std::string text = text_of(node).value_or("");
    if (text.ends_with('/')) text.pop_back();
    if (!model::is_base_url(text)) {
      return "http:// or https:// with a lower-case domain name or an address, perhaps a port and a path: "
             "\"https://kiln.example.com\"";
    }
    into = std::move(text);
    return {};
  };
}

Take take_path(std::filesystem::path& into) {
  return take_checked(into, "an absolute path",
                      [](const std::string& text) { return text.starts_with('/'); });
}

Take take_size(std::uint64_t& into) {
  return [&into](const toml::node& node) -> std::string {
    const Result<std::uint64_t> size = parse_size(text_of(node).value_or(""));
    if (!size) return "a size such as \"1GiB\", or \"0\"";
    into = *size;
    return {};
  };
}

Take take_size(std::uint64_t& into, std::uint64_t least, std::string smallest) {
  return [&into, least, smallest = std::move(smallest)](const toml::node& node) -> std::string {
    std::uint64_t size = 0;
    if (!take_size(size)(node).empty() || size < least)
      return fmt::format("a size of at least \"{}\"", smallest);
    into = size;
    return {};
  };
}

Take take_environment(std::map<std::string, std::string>& into) {
  return [&into](const toml::node& node) -> std::string {
    const toml::table* table = node.as_table();
    if (table == nullptr) return "a table of strings";
    for (const auto& [name, value] : *table) {
      if (!value.is_string()) return "a table of strings";
      into[std::string(name.str())] = value.value<std::string>().value_or("");
    }
    return {};
  };
}

Take take_limit(model::LimitSettings& into, std::string name) {
  return [&into, name = std::move(name)](const toml::node& node) {
    model::SettingValue value;
    if (node.is_string()) value = node.value<std::string>().value_or("");
    if (node.is_integer()) value = node.value<std::int64_t>().value_or(0);
    if (node.is_floating_point()) value = node.value<double>().value_or(0);
    return model::set_limit(into, name, value);
  };
}

Take take_outbound(std::vector<std::string>& into) {
  return take_list(into, "a list of \"public\", \"private\", \"local\" and ranges such as \"10.1.0.0/16\"",
                   [](const toml::node& node) -> std::optional<std::string> {
                     const std::string text = text_of(node).value_or("");
                     const bool word = text == "public" || text == "private" || text == "local";
                     return word || is_range(text) ? std::optional(text) : std::nullopt;
                   });
}

Take take_zones(std::vector<model::Zone>& into) {
  return [&into](const toml::node& node) -> std::string {
    auto zones = list_of<model::Zone>(
        node, [](const toml::node& one) { return model::parse_zone(text_of(one).value_or("")); });
    if (!zones)
      return "a list of lower-case domains: \"example.com\", or \"example.com@acme\" for the account of the "
             "subdomain acme";
    for (std::size_t i = 0; i < zones->size(); ++i) {
      for (std::size_t other = 0; other < i; ++other) {
        if ((*zones)[i].name == (*zones)[other].name)
          return "a list without \"" + (*zones)[i].name + "\" twice";
      }
    }
    into = std::move(*zones);
    return {};
  };
}

Take take_hosts(std::vector<std::string>& into) {
  return [&into](const toml::node& node) -> std::string {
    auto hosts = list_of<std::string>(node, [](const toml::node& one) -> std::optional<std::string> {
      const std::string host = to_lower(text_of(one).value_or(""));
      const bool bracketed = host.starts_with('[') && host.ends_with(']');
      if (is_domain_name(host) || IpAddress::parse(host))
        return bracketed || host.find(':') == host.npos ? std::optional(host)
                                                        : std::optional("[" + host + "]");
      return std::nullopt;
    });
    if (!hosts) return "a list of host names or addresses without ports: [\"kiln.example.com\"]";
    into = std::move(*hosts);
    return {};
  };
}

Take take_proxies(IpRanges& into) {
  return [&into](const toml::node& node) -> std::string {
    const auto texts = list_of<std::string>(node, text_of);
    Result<IpRanges> ranges = IpRanges::parse(texts.value_or(std::vector<std::string>{""}));
    if (!ranges) return "a list of addresses and ranges such as \"10.1.0.0/16\"";
    into = std::move(*ranges);
    return {};
  };
}

Take take_git_places(std::vector<std::string>& into) {
  return [&into](const toml::node& node) -> std::string {
    auto places = list_of<std::string>(node, text_of);
    SystemResolver unused;
    if (!places || !scm::Reach::make(*places, unused))
      return "a list of addresses, ranges such as \"10.1.0.0/16\", host names, and absolute folders";
    into = std::move(*places);
    return {};
  };
}

Take take_build_addresses(std::vector<std::string>& into) {
  return take_list(into, "a list of IPv4 addresses, none of them loopback or link-local",
                   [](const toml::node& node) {
                     std::optional<std::string> text = text_of(node);
                     return text && model::may_be_allowed(*text) ? text : std::nullopt;
                   });
}

Take take_provider(std::string& into) {
  return take_checked(into, "the provider's issuer to the letter: https://, or http:// on loopback",
                      [](const std::string& text) {
                        return model::is_provider_url(text) && text.find_first_of("?# ") == std::string::npos;
                      });
}

Take take_scopes(std::vector<std::string>& into) {
  return [&into](const toml::node& node) -> std::string {
    auto scopes = list_of<std::string>(node, [](const toml::node& one) -> std::optional<std::string> {
      std::optional<std::string> text = text_of(one);
      return text && !text->empty() && text->find_first_of(" \"\\") == std::string::npos ? text
                                                                                         : std::nullopt;
    });
    if (!scopes || std::find(scopes->begin(), scopes->end(), "openid") == scopes->end())
      return "a list of scopes with \"openid\" among them: [\"openid\", \"email\"]";
    into = std::move(*scopes);
    return {};
  };
}

Take take_groups(std::vector<std::string>& into) {
  return take_list(into, "a list of groups as the provider names them, or [\"*\"] for everybody",
                   [](const toml::node& one) -> std::optional<std::string> {
                     std::optional<std::string> text = text_of(one);
                     return text && !text->empty() ? text : std::nullopt;
                   });
}

Take take_forward_ports(std::vector<std::uint16_t>& into) {
  return [&into](const toml::node& node) -> std::string {
    auto ports = list_of<std::uint16_t>(node, [](const toml::node& one) -> std::optional<std::uint16_t> {
      const std::int64_t port = one.is_integer() ? one.value<std::int64_t>().value_or(0) : 0;
      if (port < 1 || port > 65535) return std::nullopt;
      return static_cast<std::uint16_t>(port);
    });
    if (!ports || ports->size() > model::kMaxForwardPorts)
      return fmt::format("a list of at most {} ports from 1 to 65535", model::kMaxForwardPorts);
    into = std::move(*ports);
    return {};
  };
}

}  // namespace kiln::settings
