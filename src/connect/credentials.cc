#include "connect/credentials.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"
#include "base/ssh_key.h"
#include "base/strings.h"

namespace kiln::connect {
namespace {

constexpr std::string_view kFingerprint = "SHA256:";
constexpr std::size_t kFingerprintLength = 50;  // with 43 digits of base64

bool is_web_address(const std::string& url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

bool is_ssh_address(const std::string& url) {
  return !is_web_address(url) && !url.starts_with('/');
}

std::string fingerprints_of(const std::string& keys) {
  std::string all;
  for (const std::string& key : split(keys, '\n')) {
    if (!key.empty()) all += (all.empty() ? "" : ", ") + ssh_fingerprint(key);
  }
  return all;
}

Status keep_token(const Ports& ports, const model::RepoConnection& connection, const std::string& token) {
  if (Status kept = ports.connections.set_token(connection.uuid, token); !kept) return kept;
  if (!is_web_address(connection.clone_url)) return {};
  return ports.connections.set_clone_authorization(
      connection.uuid,
      token.empty() ? std::string() : ports.authorization_of(connection.provider_type, token));
}

Status keep_deploy_key(const Ports& ports, const model::RepoConnection& connection,
                       const CredentialWish& wish) {
  const Result<std::string> there = ports.connections.deploy_key(connection.uuid);
  if (!there) return tl::unexpected<Error>(there.error());
  if (!there->empty() && !wish.new_deploy_key) return {};
  const SshKeyPair pair = make_ssh_key(ports.entropy, "kiln-" + to_hex(ports.entropy.bytes(4)));
  return ports.connections.add_deploy_key(connection.uuid, pair.private_key, pair.public_key);
}

Status pin(const Ports& ports, const model::RepoConnection& connection, const HostKeyWish& wish) {
  if (!wish.keys.empty()) return ports.connections.pin_host_keys(connection.uuid, wish.keys);
  const Result<std::string> shown = ports.host_key(connection);
  if (!shown) return tl::unexpected<Error>(shown.error());
  if (ssh_fingerprint(*shown) == wish.fingerprint)
    return ports.connections.pin_host_keys(connection.uuid, *shown);
  return fail(Errc::conflict,
              fmt::format("the host shows the key {}, not {}: somebody may stand between; nothing was pinned",
                          ssh_fingerprint(*shown), wish.fingerprint),
              "known_host");
}

// The first key that a host shows, when nobody has said which it is.
Status pin_first(const Ports& ports, const model::RepoConnection& connection, Credentials& out) {
  const Result<std::string> shown = ports.host_key(connection);
  if (!shown) {
    out.note = fmt::format(
        "The host's key is not pinned, since it could not be asked for it ({}). Until this is done again, "
        "the "
        "keys count that ssh of the server's user knows.",
        shown.error().message);
    return {};
  }
  out.pinned_now = true;
  return ports.connections.pin_host_keys(connection.uuid, *shown);
}

Status check_is_ssh(const model::RepoConnection& connection, const CredentialWish& wish) {
  if (is_ssh_address(connection.clone_url)) return {};
  if (wish.deploy_key || wish.new_deploy_key) {
    return fail(Errc::invalid,
                "a deploy key opens a repository over SSH: connect it by its SSH address, such as "
                "git@HOST:OWNER/NAME.git",
                "deploy_key");
  }
  if (wish.host_key)
    return fail(Errc::invalid, "only hosts that are reached over SSH have a key to be known by",
                "known_host");
  return {};
}

}  // namespace

Result<HostKeyWish> parse_host_key_wish(std::string_view text) {
  HostKeyWish wish;
  if (const std::string_view words = trim(text); words.starts_with(kFingerprint)) {
    wish.fingerprint = words;
    const bool fits = words.size() == kFingerprintLength &&
                      std::none_of(words.begin(), words.end(), [](char c) { return c == ' ' || c == '\n'; });
    if (fits) return wish;
    return fail(Errc::invalid, "a fingerprint has 43 characters behind SHA256:, as ssh-keygen -l prints it",
                "known_host");
  }
  for (const std::string& line : split(text, '\n')) {
    if (trim(line).empty() || trim(line).starts_with('#')) continue;
    const Result<std::string> key = parse_ssh_key(line);
    if (!key) return fail(Errc::invalid, key.error().message, "known_host");
    wish.keys += *key + "\n";
  }
  if (!wish.keys.empty()) return wish;
  return fail(Errc::invalid, "it names no key: give a fingerprint, SHA256:…, or what ssh-keyscan prints",
              "known_host");
}

Result<std::string> try_authorization(const Ports& ports, const std::string& account_id,
                                      const std::string& url, const std::string& authorization) {
  if (!is_web_address(url) || authorization.empty()) return std::string();
  const Status opens = ports.can_open(account_id, url, authorization);
  if (opens) return std::string();
  if (opens.error().code != Errc::forbidden)
    return fmt::format("The token is kept, and could not be tried: {}.", opens.error().message);
  return fail(Errc::invalid,
              fmt::format("the repository is not opened by this token, and nothing was changed: {}",
                          opens.error().message),
              "token");
}

Result<Credentials> keep_credentials(const Ports& ports, const model::RepoConnection& connection,
                                     const CredentialWish& wish) {
  Credentials out;
  const auto refuse = [](const Status& status) { return tl::unexpected<Error>(status.error()); };
  if (const Status fits = check_is_ssh(connection, wish); !fits) return refuse(fits);
  if (wish.host_key) {
    if (const Status pinned = pin(ports, connection, *wish.host_key); !pinned) return refuse(pinned);
    out.pinned_now = true;
  }
  if (wish.token) {
    if (const Status kept = keep_token(ports, connection, *wish.token); !kept) return refuse(kept);
  }
  if (wish.deploy_key || wish.new_deploy_key) {
    if (const Status kept = keep_deploy_key(ports, connection, wish); !kept) return refuse(kept);
  }
  if (wish.new_hook_secret || !wish.signing_token.empty()) {
    const std::string fresh =
        wish.signing_token.empty() ? to_base64url(ports.entropy.bytes(32)) : wish.signing_token;
    if (const Status kept = ports.connections.rotate_hook_secret(connection.uuid, fresh); !kept)
      return refuse(kept);
  }
  Result<model::SshAccess> access = ports.connections.ssh_access(connection.uuid);
  if (!access) return tl::unexpected<Error>(access.error());
  if (is_ssh_address(connection.clone_url) && access->host_keys.empty()) {
    if (const Status pinned = pin_first(ports, connection, out); !pinned) return refuse(pinned);
    access = ports.connections.ssh_access(connection.uuid);
    if (!access) return tl::unexpected<Error>(access.error());
  }
  out.host_key_fingerprints = fingerprints_of(access->host_keys);
  Result<std::string> key = ports.connections.deploy_key(connection.uuid);
  if (!key) return tl::unexpected<Error>(key.error());
  out.deploy_key = std::move(*key);
  return out;
}

}  // namespace kiln::connect
