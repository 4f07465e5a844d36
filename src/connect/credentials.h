// What a connection shows to its host and expects of it: a token, a deploy key, the host's pinned key, its
// hook's secret; made, kept and replaced. Called by connect() and by api/control; any thread; may ask the
// host for its key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "connect/ports.h"
#include "model/trigger.h"

namespace kiln::connect {

// By what the host is to be known.
struct HostKeyWish {
  std::string keys;         // one a line, as base/ssh_key.h parses them; or
  std::string fingerprint;  // "SHA256:…" of the key that the host shows now
};
// Of "SHA256:…", or of lines as ssh-keyscan prints them, comments among them. Errors: Errc::invalid.
[[nodiscard]] Result<HostKeyWish> parse_host_key_wish(std::string_view text);

// Nothing and false: as it is.
struct CredentialWish {
  std::optional<std::string> token;  // of the host: git clones by it over HTTP(S), its API is asked by it
  bool deploy_key = false;           // there shall be one
  bool new_deploy_key = false;       // in place of the one there is
  bool new_hook_secret = false;
  std::string signing_token;  // made by the host: deliveries are signed by it; or empty
  std::optional<HostKeyWish> host_key;
};

struct Credentials {
  std::string deploy_key;             // public half, when there is one
  std::string host_key_fingerprints;  // pinned, joined by ", "; empty: none is
  bool pinned_now = false;
  std::string note;  // what could not be done, in a sentence
};

// Asks the web host of `url` whether it takes the authorization that git would show it. Returns a sentence
// where that cannot be known now; empty: it does. Errors: Errc::invalid, field "token", when the host refuses
// it.
[[nodiscard]] Result<std::string> try_authorization(const Ports& ports, const std::string& account_id,
                                                    const std::string& url, const std::string& authorization);

// A host that is reached over SSH and has not been pinned is, to the key that it shows; where it shows none
// now, the note says so. Errors: Errc::invalid, field "deploy_key" or "known_host", where the address is not
// one of SSH; Errc::conflict, field "known_host", when the host shows another key than the wish says; those
// of the stores.
[[nodiscard]] Result<Credentials> keep_credentials(const Ports& ports,
                                                   const model::RepoConnection& connection,
                                                   const CredentialWish& wish);

}  // namespace kiln::connect
