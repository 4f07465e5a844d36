// How every git process of this room is started: environment, configuration, limits; and how its complaint is
// read. Internal to scm/git. Pure but for git_spec(), which reads PATH, proxy and certificate variables; any
// thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process.h"
#include "scm/git/git.h"

namespace kiln::scm {

// A git command inside a mirror (empty: no repository), which reaches no host.
[[nodiscard]] ProcessSpec git_spec(const std::filesystem::path& repository,
                                   std::vector<std::string> arguments);

// One that does: it has the transport of that remote alone, its credentials, and goes where `pins` hold it.
[[nodiscard]] ProcessSpec git_spec_at(const std::filesystem::path& repository, const Remote& remote,
                                      const Pins& pins, std::vector<std::string> arguments);

// The options that every ssh of git's is started with: no questions, no forwarding, no commands of its own.
[[nodiscard]] std::vector<std::string> ssh_options();

[[nodiscard]] bool is_http_url(const std::string& url);

// Errors: Errc::forbidden for a local path with a link in it, where we are root: whose repository is served,
// and so with whose rights, would be for others to say.
[[nodiscard]] Status check_local_path(const std::string& url);

// "--upload-pack=…" for a local path, whose serving git is started without our configuration and, where we
// are root, as the repository's owner, so that it reads what the owner may read and no more; empty for
// others.
[[nodiscard]] std::string upload_pack_option(const Remote& remote);

// "--receive-pack=…" for a local path, which may belong to somebody else: its hooks and the commands in its
// configuration do not run with our rights. Empty for others.
[[nodiscard]] std::string receive_pack_option(const Remote& remote);

// `text` with the user:password@ of every URL in it cut out.
[[nodiscard]] std::string strip_userinfo(std::string text);

// git's last line of complaint, short enough to show, without credentials.
[[nodiscard]] std::string complaint(const ProcessEnd& end);

// What kind of refusal a host gave. git has one exit code for all of them, so this is the one place that
// looks at its (untranslated) words.
[[nodiscard]] Errc host_refusal(const ProcessEnd& end);

// Whether the host sent git elsewhere, where git, told not to, did not go; by git's words as well.
[[nodiscard]] bool was_redirected(const ProcessEnd& end);

// Whether ssh went no further because of the key that the host showed; by its words.
[[nodiscard]] bool is_other_host_key(const ProcessEnd& end);

// True for 40 or 64 lower-case hex digits.
[[nodiscard]] bool is_commit_hash(const std::string& text);

}  // namespace kiln::scm
