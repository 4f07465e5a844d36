// What `kiln connect` was pointed at, and how its hook gets there. Internal to cli.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/process.h"
#include "base/result.h"
#include "cli/print.h"
#include "scm/git/post_receive.h"

namespace kiln::cli {

struct SshAddress {
  std::string host;  // with the user, when one is given
  std::string port;  // empty: the usual one
  std::string path;
};

// Nothing for URLs of other kinds.
[[nodiscard]] std::optional<SshAddress> ssh_address(const std::string& url);

// A local path made absolute, or the URL as it is. Errors: Errc::invalid for a path that is no bare
// repository, saying what to do, and for URLs that scm::check_remote_url refuses.
[[nodiscard]] Result<std::string> repository_url(const std::string& given);

// What --known-host was given: a file's text, or the words themselves.
[[nodiscard]] Result<std::string> read_known_host(const std::string& given);

[[nodiscard]] bool is_web_url(const std::string& url);

// The public half of a deploy key in an answer and where to put it, in sentences; empty: there is none.
[[nodiscard]] std::string deploy_key_words(Style style, const boost::json::value& made);

// Runs the hook's installer beside the repository: here, or over ssh. Not for http(s) URLs.
// Errors: Errc::unavailable with what to do; Errc::forbidden where the host gives no shell to run it in.
[[nodiscard]] Status install_hook(Processes& processes, const std::string& url,
                                  const scm::HookAddress& address);

// Takes the hook away that reports to that path of a server, and puts the one back that was kept. Another's
// stays. Errors: Errc::unavailable with what to do by hand.
[[nodiscard]] Status remove_hook(Processes& processes, const std::string& url, const std::string& hook_path);

}  // namespace kiln::cli
