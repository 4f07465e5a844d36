// The post-receive hook that Kiln installs in a plain bare repository, as text. Pure; any thread.
#pragma once

#include <string>

namespace kiln::scm {

struct HookAddress {
  std::string url;     // http://127.0.0.1:PORT/hooks/git/<hook id>
  std::string secret;  // bearer, sent by curl from a 0600 file, never in argv
};

// The script (POSIX sh; needs git and curl). It runs a kept earlier hook first (post-receive.kiln-kept),
// reports every ref with its changed files, prints the server's answer to the pusher, and never fails the
// push.
[[nodiscard]] std::string post_receive_script();

// The curl configuration file that stands beside it (kiln-hook.conf, mode 0600).
[[nodiscard]] std::string hook_config(const HookAddress& address);

// A shell script that, run at the repository's host with the repository's path as $1, installs both files
// idempotently (used as it is over SSH; `kiln connect` runs it locally too). It writes as the repository's
// owner and into the repository's own hooks folder alone. Exit 3: not a bare repository; 4: curl is missing;
// 5: the hook would have to go elsewhere (core.hooksPath, a link), or root cannot become the owner.
[[nodiscard]] std::string install_script(const HookAddress& address);

// The reverse, run in the same way: the hook that reports to that path of a server ("/hooks/git/<hook id>")
// is deleted with its configuration, and the earlier one comes back. Where another hook stands, nothing
// happens.
[[nodiscard]] std::string remove_script(const std::string& hook_path);

}  // namespace kiln::scm
