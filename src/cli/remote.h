// A server elsewhere, and the token by which it is asked: from KILN_URL and KILN_TOKEN, else as `kiln login`
// keeps it. The token is in no argument, no error and no output. One thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln::cli {

struct Remote {
  std::string url;  // model::is_base_url()
  std::string token;
  std::string ca;          // PEM: authorities trusted there besides the machine's own; or empty
  std::string account_id;  // in which it acts; empty: ask it
  bool insecure = false;   // http:// to another machine is meant
};

// The URL without a / at its end. Errors: Errc::invalid for what is no http:// or https:// address, a user in
// it, and, unless `insecure`, for http:// to any host but this machine: whoever is on the way reads the
// token.
[[nodiscard]] Result<std::string> server_url(std::string_view text, bool insecure);

// $XDG_CONFIG_HOME/kiln/login.json, else ~/.config/kiln/login.json.
[[nodiscard]] std::filesystem::path login_file();

// What `kiln login` kept; nothing when nobody has logged in. Errors: Errc::forbidden when others may read the
// file, Errc::corrupt.
[[nodiscard]] Result<std::optional<Remote>> read_login();
[[nodiscard]] Status write_login(const Remote& remote);

// From KILN_URL, KILN_TOKEN and KILN_CA; nothing without KILN_URL. Its token may be the login's, where that
// is of the same URL. Errors: Errc::invalid saying what is missing.
[[nodiscard]] Result<std::optional<Remote>> remote_of_environment(bool insecure);

// The server that a command line without --data-dir means: the environment's, else none where KILN_DATA_DIR
// is set, else the login's.
[[nodiscard]] Result<std::optional<Remote>> chosen_remote(bool insecure);

// A file with authorities, which must hold a certificate.
[[nodiscard]] Result<std::string> read_authorities(const std::filesystem::path& file);

}  // namespace kiln::cli
