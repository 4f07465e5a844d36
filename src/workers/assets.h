// Static assets: the manifest a client announces, the session in which it sends what is missing, and the
// manifest that a finished session stands for. A session's token is opaque, good for an hour, bound to
// account, Worker name and manifest; once nothing is missing the same token is the completion token.
// Stateless over the ports; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "workers/ports.h"

namespace kiln::workers {

inline constexpr std::size_t kMaxAssets = 20'000;
inline constexpr std::size_t kMaxAssetBytes = std::size_t{25} << 20U;

// {"manifest":{"/index.html":{"hash":"<32 hex>","size":14}}}. Errors: Errc::invalid, field manifest.
[[nodiscard]] Result<std::vector<model::AssetFile>> parse_manifest(const boost::json::object& body);

struct OpenedSession {
  std::string token;
  std::vector<std::vector<std::string>>
      buckets;  // hashes to send, one request a bucket; none: nothing is missing
};
// `previews_only`: what is sent stands behind its hash for previews alone, since a hash is the sender's
// claim.
[[nodiscard]] Result<OpenedSession> open_session(Ports& ports, const std::string& account_id,
                                                 const std::string& worker_name,
                                                 std::vector<model::AssetFile> manifest, bool previews_only);

// Errors: Errc::unauthenticated when there is no such session any more.
[[nodiscard]] Result<store::AssetSession> find_session(Ports& ports, std::string_view token);

struct IncomingAsset {
  std::string hash;
  std::string content_type;  // "application/null": serve without one
  std::string bytes;
};
// Stores them; true when nothing is missing any more. The hash itself is the client's claim, trusted for this
// Worker alone. Errors: Errc::invalid for a hash outside the manifest or a size other than announced.
[[nodiscard]] Result<bool> take_assets(Ports& ports, const store::AssetSession& session,
                                       const std::vector<IncomingAsset>& assets);

// The manifest behind a completion token. Errors: Errc::script_invalid when the token is not of this account
// and Worker, has expired, or files are missing; those of a
// previews_only session are there `for_previews` alone.
[[nodiscard]] Result<std::vector<model::AssetFile>> completed_manifest(Ports& ports,
                                                                       const std::string& account_id,
                                                                       const std::string& worker_name,
                                                                       std::string_view token,
                                                                       bool for_previews);

}  // namespace kiln::workers
