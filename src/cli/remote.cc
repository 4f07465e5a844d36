#include "cli/remote.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <cstdlib>

#include "base/fs.h"
#include "base/ip_address.h"
#include "base/strings.h"
#include "cli/print.h"
#include "model/public_origin.h"
#include "wire/json.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kLargestLogin = 1U << 20U;
constexpr unsigned kOwnersAlone = 0600;

std::string setting_of(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// "localhost", "127.0.0.1" and "[::1]" are this machine.
bool is_this_machine(std::string_view url) {
  std::string_view host = url.substr(url.find("://") + 3);
  host = host.substr(0, host.find('/'));
  const std::size_t colon = host.find(':', host.starts_with('[') ? host.find(']') : 0);
  host = host.substr(0, colon);
  if (host == "localhost") return true;
  const std::optional<IpAddress> address = IpAddress::parse(host);
  return address && (address->str() == "::1" || (address->is_v4() && address->str().starts_with("127.")));
}

Error no_token(const std::string& url) {
  return {
      Errc::invalid,
      fmt::format("KILN_URL is set and KILN_TOKEN is not: set it to a token of {}, which its administrator "
                  "makes with `kiln token create`; or log in: kiln login {}",
                  url, shell_quote(url)),
      {}};
}

}  // namespace

Result<std::string> server_url(std::string_view text, bool insecure) {
  std::string url(trim(text));
  while (url.ends_with('/')) url.pop_back();
  if (!model::is_base_url(url)) {
    return fail(Errc::invalid,
                "the address of a server is https://HOST[:PORT], without a user, a query or a fragment");
  }
  if (url.starts_with("http://") && !insecure && !is_this_machine(url)) {
    return fail(Errc::invalid,
                fmt::format("{} is not encrypted: whoever is on the way reads the token. Use the https:// "
                            "address, or an SSH tunnel to a port of this machine; --insecure does it all the "
                            "same",
                            safe_line(url, false)));
  }
  return url;
}

std::filesystem::path login_file() {
  std::filesystem::path folder = setting_of("XDG_CONFIG_HOME");
  if (!folder.is_absolute()) folder = std::filesystem::path(setting_of("HOME")) / ".config";
  return folder / "kiln" / "login.json";
}

Result<std::optional<Remote>> read_login() {
  const std::filesystem::path file = login_file();
  const Result<std::string> text = read_file(file, kLargestLogin);
  if (!text && text.error().code == Errc::not_found) return std::optional<Remote>();
  if (!text) return tl::unexpected<Error>(text.error());
  struct stat about {};
  if (stat(file.c_str(), &about) != 0 || (about.st_mode & 077U) != 0) {
    return fail(Errc::forbidden,
                fmt::format("{0} holds a token, and others may read it: chmod 600 {0}, and make the token "
                            "worthless if somebody did",
                            shell_quote(file.string())));
  }
  const Result<json::value> value = wire::parse_json(*text);
  Remote remote;
  if (value) {
    remote = {text_at(*value, "url"), text_at(*value, "token"), text_at(*value, "ca"),
              text_at(*value, "account_id"), text_at(*value, "insecure") == "yes"};
  }
  if (!remote.token.empty() && model::is_base_url(remote.url)) return std::optional<Remote>(remote);
  return fail(Errc::corrupt, fmt::format("{} is damaged; log in again: kiln login URL", file.string()));
}

Status write_login(const Remote& remote) {
  const std::filesystem::path file = login_file();
  if (Status made = make_directory(file.parent_path(), 0700); !made) return made;
  const json::value value{{"url", remote.url},
                          {"token", remote.token},
                          {"ca", remote.ca},
                          {"account_id", remote.account_id},
                          {"insecure", remote.insecure ? "yes" : "no"}};
  return write_file_durably(file, json::serialize(value) + "\n", kOwnersAlone);
}

Result<std::optional<Remote>> remote_of_environment(bool insecure) {
  const std::string asked = setting_of("KILN_URL");
  if (asked.empty()) return std::optional<Remote>();
  Result<std::string> url = server_url(asked, insecure);
  if (!url) return context(url.error(), "KILN_URL");
  Remote remote{std::move(*url), setting_of("KILN_TOKEN"), {}, {}, insecure};
  if (remote.token.empty()) {
    const Result<std::optional<Remote>> login = read_login();
    if (!login || !*login || (*login)->url != remote.url) return tl::unexpected<Error>(no_token(remote.url));
    remote = **login;
  }
  if (const std::string file = setting_of("KILN_CA"); !file.empty()) {
    Result<std::string> ca = read_authorities(file);
    if (!ca) return context(ca.error(), "KILN_CA");
    remote.ca = std::move(*ca);
  }
  return std::optional<Remote>(std::move(remote));
}

Result<std::optional<Remote>> chosen_remote(bool insecure) {
  Result<std::optional<Remote>> remote = remote_of_environment(insecure);
  if (!remote || *remote || !setting_of("KILN_DATA_DIR").empty()) return remote;
  remote = read_login();
  if (remote && !*remote && !setting_of("KILN_TOKEN").empty()) {
    return fail(Errc::invalid, "KILN_TOKEN is set and KILN_URL is not: set it to the server's address");
  }
  return remote;
}

Result<std::string> read_authorities(const std::filesystem::path& file) {
  Result<std::string> text = read_file(file, kLargestLogin);
  if (text && text->find("-----BEGIN CERTIFICATE-----") == std::string::npos)
    return fail(Errc::invalid, file.string() + " holds no certificate in PEM");
  return text;
}

}  // namespace kiln::cli
