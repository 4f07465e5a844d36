#include "runner/job_secrets.h"

#include <algorithm>

#include "base/hex.h"
#include "base/strings.h"

namespace kiln::runner {
namespace {

// "user:secret" → "secret"; text without a colon as it is.
std::string after_colon(const std::string& text) {
  const std::size_t colon = text.find(':');
  return colon == text.npos ? text : text.substr(colon + 1);
}

void add_authorization(const std::string& header, std::vector<std::string>& secrets) {
  if (header.empty()) return;
  secrets.push_back(header);
  const std::string credential = header.substr(std::min(header.find(' '), header.size() - 1) + 1);
  secrets.push_back(credential);
  if (const auto decoded = from_base64(credential)) {
    secrets.push_back(*decoded);
    secrets.push_back(after_colon(*decoded));
  }
}

// A key in lines: each of those that hold it, but not the first and the last, which are every key's.
void add_key(const std::string& key, std::vector<std::string>& secrets) {
  for (const std::string& line : split(key, '\n')) {
    if (!line.starts_with("-----")) secrets.push_back(line);
  }
}

void add_user_info(const std::string& url, std::vector<std::string>& secrets) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return;
  const std::size_t slash = std::min(url.find('/', scheme + 3), url.size());
  const std::size_t at = url.rfind('@', slash);
  if (at == url.npos || at < scheme + 3) return;
  const std::string user_info = url.substr(scheme + 3, at - scheme - 3);
  if (user_info.find(':') == user_info.npos && url.starts_with("ssh")) return;  // a mere user name
  secrets.push_back(user_info);
  secrets.push_back(after_colon(user_info));
}

}  // namespace

std::vector<std::string> secrets_of(const model::JobSpec& job) {
  std::vector<std::string> secrets;
  for (const model::EnvVar& variable : job.environment) {
    if (variable.is_secret) secrets.push_back(variable.value);
  }
  secrets.push_back(job.api_token);
  add_authorization(job.clone_authorization, secrets);
  add_user_info(job.clone_url, secrets);
  for (const std::string& key : job.ssh.keys) add_key(key, secrets);
  std::erase(secrets, std::string());
  return secrets;
}

}  // namespace kiln::runner
