#include "scm/forge/github_call.h"

namespace kiln::scm {

ApiCall github_call(const std::string& method, const std::string& url, const std::string& bearer) {
  ApiCall call;
  call.method = method;
  call.url = url;
  call.headers = {{"accept", "application/vnd.github+json"},
                  {"x-github-api-version", "2022-11-28"},
                  {"user-agent", "kiln"}};
  if (!bearer.empty()) call.headers.emplace_back("authorization", "Bearer " + bearer);
  return call;
}

}  // namespace kiln::scm
