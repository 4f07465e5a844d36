#include "app/oidc_part.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "base/fs.h"
#include "base/strings.h"

namespace kiln::app {
namespace {

constexpr std::size_t kLargestSecret = 4'096;
constexpr std::size_t kLargestAuthorities = 1U << 20U;

Result<std::string> read_named(const char* setting, const std::filesystem::path& file, std::size_t most) {
  if (file.empty()) return std::string();
  Result<std::string> text = read_file(file, most);
  if (!text)
    return fail(Errc::invalid, fmt::format("oidc.{}: {}", setting, text.error().message), "--config");
  return text;
}

}  // namespace

Result<std::unique_ptr<api::sessions::OidcProvider>> make_oidc(const model::OidcSettings& settings,
                                                               const Clock& clock) {
  if (settings.issuer.empty()) return nullptr;
  const Result<std::string> secret =
      read_named("client_secret_file", settings.client_secret_file, kLargestSecret);
  if (!secret) return tl::unexpected<Error>(secret.error());
  std::error_code failed;
  const auto mode = std::filesystem::status(settings.client_secret_file, failed).permissions();
  if (!failed && !settings.client_secret_file.empty() &&
      (mode & std::filesystem::perms::others_read) != std::filesystem::perms::none)
    return fail(
        Errc::invalid,
        fmt::format("oidc.client_secret_file: everybody on this machine can read {}; run `chmod o-rwx {}`",
                    settings.client_secret_file.string(), shell_quote(settings.client_secret_file.string())),
        "--config");
  Result<std::string> authorities = read_named("ca_file", settings.ca_file, kLargestAuthorities);
  if (!authorities) return tl::unexpected<Error>(authorities.error());
  return std::make_unique<api::sessions::OidcProvider>(
      settings, std::string(trim(*secret)), std::move(*authorities),
      [] { return std::make_unique<CurlClient>(); }, clock);
}

}  // namespace kiln::app
