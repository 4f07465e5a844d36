#include "runner/steps/environment.h"

#include <fmt/format.h>

#include "runner/sandbox/sandbox.h"
#include "runner/tools/certificates.h"
#include "runner/tools/shims.h"

namespace kiln::runner {
namespace {

using Variables = std::map<std::string, std::string>;

std::string search_path(const std::vector<std::string>& tool_folders) {
  std::string path;
  for (const std::string& folder : tool_folders) path += folder + ":";
  return path + fmt::format("{0}/.local/bin:{1}/bin:{2}/{3}:/usr/local/bin:/usr/bin:/bin:{2}/{4}", kHome,
                            kPythonHome, kTools, kPythonShims, kManagerShims);
}

// What wrangler makes of a branch's name for an alias: everything but letters and digits becomes a hyphen,
// one for many and none at an end.
std::string alias_of(std::string_view branch) {
  std::string alias;
  for (const char c : branch) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) {
      alias.push_back(c);
    } else if (!alias.empty() && alias.back() != '-') {
      alias.push_back('-');
    }
  }
  if (alias.ends_with('-')) alias.pop_back();
  return alias;
}

// Whether the branch's alias would be one that a version's own address has: 8 hexadecimal digits.
bool looks_like_a_version(std::string_view branch) {
  constexpr std::size_t kDigits = 8;
  const std::string alias = alias_of(branch);
  return alias.size() == kDigits && alias.find_first_not_of("0123456789abcdefABCDEF") == alias.npos;
}

Variables documented(const model::JobSpec& job, const EnvironmentFacts& facts) {
  Variables variables{
      {"CI", "true"},
      {"WORKERS_CI", "1"},
      {"WORKERS_CI_BUILD_UUID", job.build_uuid.str()},
      {"WORKERS_CI_COMMIT_SHA", facts.commit},
      {"WORKERS_CI_BRANCH", job.branch},
      {"WRANGLER_CI_MATCH_TAG", job.worker_tag},
      {"WRANGLER_CI_OVERRIDE_NAME", job.worker_name},
      {"WRANGLER_CI_GENERATE_PREVIEW_ALIAS", "true"},
      {"WRANGLER_SEND_METRICS", "false"},
      {"HOME", kHome},
      {"USER", "buildhome"},
      {"LOGNAME", "buildhome"},
      {"SHELL", "/bin/sh"},
      {"PATH", search_path(facts.tool_folders)},
      {"TMPDIR", "/tmp"},
      {"LANG", "C.UTF-8"},
      {"FORCE_COLOR", "1"},
      {"npm_config_update_notifier", "false"},
      {"PIP_DISABLE_PIP_VERSION_CHECK", "1"},
  };
  // An outside target gives its Workers tags of its own, which this server does not know.
  if (job.api_base_url.empty()) variables.erase("WRANGLER_CI_MATCH_TAG");
  // A build without a Worker of its own leaves both to the project's configuration.
  if (job.worker_name.empty() || job.worker_tag.empty()) variables.erase("WRANGLER_CI_MATCH_TAG");
  if (job.worker_name.empty()) variables.erase("WRANGLER_CI_OVERRIDE_NAME");
  // The alias that wrangler would make of this branch is refused: the branch's versions go without one.
  if (looks_like_a_version(job.branch)) variables.erase("WRANGLER_CI_GENERATE_PREVIEW_ALIAS");
  if (facts.system_certificates) variables["NODE_EXTRA_CA_CERTS"] = kSystemCertificates;
  if (facts.uses_python) {
    variables["VIRTUAL_ENV"] = kPythonHome;
    variables["UV_PROJECT_ENVIRONMENT"] = kPythonHome;
  }
  if (!facts.trace_parent.empty()) variables["TRACEPARENT"] = facts.trace_parent;
  if (facts.forces_npx) variables["npm_config_force"] = "true";
  return variables;
}

void protect(Variables& variables, const std::string& name, const std::string& value) {
  if (value.empty()) {
    variables.erase(name);
  } else {
    variables[name] = value;
  }
}

bool is_name(const std::string& name) {
  return !name.empty() && name.find('=') == name.npos && name.find('\0') == name.npos;
}

}  // namespace

std::vector<std::string> command_environment(const model::JobSpec& job, const EnvironmentFacts& facts) {
  Variables variables = documented(job, facts);
  for (const auto& [name, value] : facts.operator_environment) variables[name] = value;
  // Where an outside target is reached is the operator's to say, and nobody else's.
  const std::string api_base_url =
      job.api_base_url.empty() ? variables["CLOUDFLARE_API_BASE_URL"] : job.api_base_url;
  for (const model::EnvVar& own : job.environment) {
    if (is_name(own.name)) variables[own.name] = own.value.substr(0, own.value.find('\0'));
  }
  protect(variables, "CLOUDFLARE_API_TOKEN", job.api_token);
  protect(variables, "CLOUDFLARE_ACCOUNT_ID", job.account_id);
  protect(variables, "CLOUDFLARE_API_BASE_URL", api_base_url);
  protect(variables, "WRANGLER_OUTPUT_FILE_PATH", kOutputFile);
  std::vector<std::string> list;
  list.reserve(variables.size());
  for (const auto& [name, value] : variables) list.push_back(fmt::format("{}={}", name, value));
  return list;
}

std::vector<std::string> git_environment() {
  return {"PATH=/usr/local/bin:/usr/bin:/bin",
          fmt::format("HOME={}", kHome),
          "LANG=C.UTF-8",
          "GIT_CONFIG_NOSYSTEM=1",
          "GIT_CONFIG_GLOBAL=/dev/null",
          "GIT_TERMINAL_PROMPT=0",
          "GIT_ALLOW_PROTOCOL=none",
          "GIT_CONFIG_COUNT=3",
          "GIT_CONFIG_KEY_0=safe.directory",
          "GIT_CONFIG_VALUE_0=*",
          "GIT_CONFIG_KEY_1=core.hooksPath",
          "GIT_CONFIG_VALUE_1=/dev/null",
          "GIT_CONFIG_KEY_2=core.fsmonitor",
          "GIT_CONFIG_VALUE_2=false"};
}

}  // namespace kiln::runner
