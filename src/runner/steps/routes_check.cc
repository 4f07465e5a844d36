#include "runner/steps/routes_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/strings.h"
#include "project/wrangler_config.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kMostConfigText = 1U << 20U;
constexpr const char* kRedirect = ".wrangler/deploy/config.json";

// Words of one command each, in the order in which the shell would run them. Nothing of a line whose meaning
// the shell alone knows.
std::vector<std::vector<std::string>> plain_commands(std::string_view line) {
  if (line.find_first_of("$`\\(){}<>*?[]~#") != std::string_view::npos) return {};
  std::vector<std::vector<std::string>> commands(1);
  std::string word;
  bool in_word = false;
  char quote = 0;
  const auto end_word = [&] {
    if (in_word) commands.back().push_back(std::exchange(word, {}));
    in_word = false;
  };
  for (const char c : line) {
    if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else if (c == ';' || c == '&' || c == '|' || c == '\n') {
      end_word();
      commands.emplace_back();
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) return {};
  end_word();
  return commands;
}

// "wrangler", "wrangler@4.60.0", "./node_modules/.bin/wrangler".
bool is_wrangler(std::string_view word) {
  if (const std::size_t slash = word.rfind('/'); slash != std::string_view::npos)
    word.remove_prefix(slash + 1);
  return word.substr(0, word.find('@')) == "wrangler";
}

// The value of `--name VALUE`, `--name=VALUE` or `-n VALUE` at `at`, which is moved onto the value.
std::optional<std::string> option_at(const std::vector<std::string>& words, std::size_t& at,
                                     std::string_view name, std::string_view letter) {
  const std::string& word = words[at];
  if (word.starts_with(std::string(name) + "=")) return word.substr(name.size() + 1);
  if ((word == name || word == letter) && at + 1 < words.size()) return words[++at];
  return std::nullopt;
}

bool says_more(std::string_view word) {
  constexpr std::array<std::string_view, 9> kMore = {
      "--route",    "--routes", "--name",    "--dry-run",
      "--cwd",      "--domain", "--domains", "--dispatch-namespace",
      "--temporary"};
  const std::string_view option = word.substr(0, word.find('='));
  return std::find(kMore.begin(), kMore.end(), option) != kMore.end();
}

std::optional<WranglerDeploy> deploy_in(const std::vector<std::string>& words) {
  const auto program = std::find_if(words.begin(), words.end(), is_wrangler);
  if (program == words.end()) return std::nullopt;
  WranglerDeploy found;
  std::string verb;
  for (auto at = static_cast<std::size_t>(program - words.begin()) + 1; at < words.size(); ++at) {
    if (const auto config = option_at(words, at, "--config", "-c")) {
      found.config = *config;
    } else if (const auto env = option_at(words, at, "--env", "-e")) {
      found.env = *env;
    } else if (says_more(words[at])) {
      return std::nullopt;
    } else if (verb.empty() && !words[at].starts_with('-')) {
      verb = words[at];
    }
  }
  if (verb != "deploy" && verb != "publish") return std::nullopt;
  return found;
}

std::string below_root(const Attempt& attempt) {
  return attempt.root.empty() ? std::string(kCheckout) : fmt::format("{}/{}", kCheckout, attempt.root);
}

// Nothing when it is not there or cannot be read.
std::optional<std::string> read_inside(Attempt& attempt, const std::string& directory,
                                       const std::string& path) {
  Command command;
  command.argv = {"/usr/bin/head", "-c", std::to_string(kMostConfigText), "--", path};
  command.environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
  command.directory = directory;
  std::string text;
  const Result<CommandEnd> end = attempt.sandbox->run(command, [&text](std::string_view bytes) {
    if (text.size() < kMostConfigText) text += bytes;
  });
  if (!end || end->exit_code != 0 || end->signal != 0) return std::nullopt;
  return text;
}

struct ConfigFile {
  std::string path;
  std::string text;
};

// {"configPath": "../../dist/wrangler.json"}: what a framework's build made, from where the redirect lies.
std::optional<std::string> redirected(const std::string& text) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  const boost::json::object* object = error ? nullptr : value.if_object();
  const boost::json::value* path = object == nullptr ? nullptr : object->if_contains("configPath");
  if (path == nullptr || !path->is_string()) return std::nullopt;
  return ".wrangler/deploy/" + std::string(path->get_string());
}

// As wrangler finds it.
std::optional<ConfigFile> find_config(Attempt& attempt, const std::string& named) {
  const std::string directory = below_root(attempt);
  std::vector<std::string> candidates{named};
  if (named.empty()) {
    candidates = project::wrangler_config_files();
    if (const std::optional<std::string> redirect = read_inside(attempt, directory, kRedirect)) {
      const std::optional<std::string> path = redirected(*redirect);
      if (!path) return std::nullopt;
      candidates = {*path};
    }
  }
  for (const std::string& path : candidates) {
    if (std::optional<std::string> text = read_inside(attempt, directory, path))
      return ConfigFile{path, *std::move(text)};
  }
  return std::nullopt;
}

std::string chosen_env(const Attempt& attempt, const WranglerDeploy& deploy) {
  if (!deploy.env.empty()) return deploy.env;
  for (const model::EnvVar& variable : attempt.job.environment) {
    if (variable.name == "CLOUDFLARE_ENV") return variable.value;
  }
  return {};
}

std::vector<wire::RouteAsked> routes_of(Attempt& attempt, const WranglerDeploy& deploy) {
  const std::optional<ConfigFile> file = find_config(attempt, deploy.config);
  if (!file) return {};
  const Result<project::WranglerConfig> config = project::parse_wrangler_config(file->path, file->text);
  if (!config) return {};
  std::vector<wire::RouteAsked> routes;
  for (const project::WranglerRoute& route : config->routes_of(chosen_env(attempt, deploy)))
    routes.push_back({route.custom_domain, route.pattern});
  return routes;
}

}  // namespace

std::vector<WranglerDeploy> wrangler_deploys(std::string_view command) {
  std::vector<WranglerDeploy> found;
  for (const std::vector<std::string>& words : plain_commands(command)) {
    if (std::optional<WranglerDeploy> deploy = deploy_in(words)) found.push_back(*std::move(deploy));
  }
  return found;
}

StepResult check_routes(Attempt& attempt) {
  if (attempt.job.api_base_url.empty() || !attempt.server.sees_uploads()) return {};
  wire::RoutesCall call{attempt.lease.id(), {}};
  for (const WranglerDeploy& deploy : wrangler_deploys(attempt.job.deploy_command)) {
    for (wire::RouteAsked& route : routes_of(attempt, deploy)) call.routes.push_back(std::move(route));
  }
  if (attempt.stop.stopped()) return {StepEnd::stopped, {}};
  if (call.routes.empty() || call.routes.size() > wire::kMostRoutes) return {};
  const Status told =
      attempt.lease.insist([&] { return attempt.server.check_routes(attempt.lease.build(), call); });
  if (told) return {};
  if (told.error().code == Errc::lease_lost) return {StepEnd::stopped, {}};
  return failed(attempt, "Failed: nothing was deployed, since Kiln cannot serve the project's routes",
                told.error().message);
}

}  // namespace kiln::runner
