#include "scm/forge/hook_reader.h"

#include "base/hash.h"

namespace kiln::scm {

Status HookReader::check_signing_token(std::string_view) const {
  return fail(Errc::invalid, "hosts of this kind make no signing tokens; enter Kiln's own secret there",
              "signing_token");
}

std::string HookReader::delivery_key(const HookRequest& request) const {
  return sha256_hex(request.body);
}

}  // namespace kiln::scm
