#include "runner/tools/npm.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "base/strings.h"
#include "runner/tools/certificates.h"

namespace kiln::runner {
namespace {

constexpr int kAskMs = 60'000;
constexpr int kInstallMs = 10 * 60'000;

// What npm says is wrong: its "npm error …" lines, on one line.
std::string complaint(const ProcessEnd& end) {
  if (end.timed_out) return "npm did not finish in time";
  std::string words;
  for (const std::string& line : split(end.err, '\n')) {
    const std::string_view text = trim(line);
    if (!text.starts_with("npm error") && !text.starts_with("npm ERR!")) continue;
    if (contains_ignoring_case(text, "complete log of this run") || words.size() > 400) continue;
    if (!words.empty()) words += "; ";
    words += text.substr(text.starts_with("npm error") ? 9 : 8);
  }
  return words.empty() ? fmt::format("npm ended with exit code {}", end.exit_code) : std::string(trim(words));
}

}  // namespace

Result<std::string> Npm::run(std::vector<std::string> arguments, int timeout_ms) const {
  ProcessSpec spec;
  spec.argv = {(node_folder_ / "bin" / "node").string(),
               (node_folder_ / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js").string()};
  for (std::string& argument : arguments) spec.argv.push_back(std::move(argument));
  spec.environment = {fmt::format("PATH={}/bin:/usr/local/bin:/usr/bin:/bin", node_folder_.string()),
                      "LANG=C.UTF-8",
                      "npm_config_update_notifier=false",
                      "npm_config_audit=false",
                      "npm_config_fund=false",
                      "npm_config_loglevel=error",
                      fmt::format("npm_config_cache={}", cache_.string()),
                      fmt::format("HOME={}", cache_.string())};
  // A registry behind the operator's own certificate authority; Node brings a list of its own.
  if (access(kSystemCertificates, R_OK) == 0) {
    spec.environment.push_back(fmt::format("NODE_EXTRA_CA_CERTS={}", kSystemCertificates));
  }
  // A registry that does not answer is told about before the build's time is up.
  spec.environment.emplace_back("npm_config_fetch_retries=1");
  spec.environment.emplace_back("npm_config_fetch_retry_mintimeout=1000");
  for (const auto& [name, value] : environment_)
    spec.environment.push_back(fmt::format("{}={}", name, value));
  spec.timeout_ms = timeout_ms;
  Result<ProcessEnd> end = processes_.run(spec);
  if (!end) return tl::unexpected<Error>(end.error());
  if (!end->ok()) return fail(Errc::unavailable, complaint(*end));
  return std::move(end->out);
}

Result<std::vector<Version>> Npm::versions(const std::string& package) const {
  Result<std::string> text = run({"view", package, "versions", "--json"}, kAskMs);
  if (!text) return tl::unexpected<Error>(text.error());
  boost::system::error_code error;
  const boost::json::value document = boost::json::parse(*text, error);
  std::vector<Version> versions;
  if (!error && document.is_array()) {
    for (const boost::json::value& item : document.get_array()) {
      if (!item.is_string()) continue;
      if (const auto version = Version::parse(std::string_view(item.get_string())))
        versions.push_back(*version);
    }
  } else if (!error && document.is_string()) {
    if (const auto version = Version::parse(std::string_view(document.get_string())))
      versions.push_back(*version);
  } else {
    return fail(Errc::unavailable, fmt::format("npm view {} did not answer with JSON", package));
  }
  return versions;
}

Status Npm::install(const std::filesystem::path& folder, const std::vector<std::string>& packages) const {
  std::vector<std::string> arguments{"install",   "--prefix",   folder.string(), "--ignore-scripts",
                                     "--no-save", "--no-audit", "--no-fund"};
  for (const std::string& package : packages) arguments.push_back(package);
  Result<std::string> done = run(std::move(arguments), kInstallMs);
  if (!done) return tl::unexpected<Error>(done.error());
  return {};
}

}  // namespace kiln::runner
