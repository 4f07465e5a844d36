// The certificates that the operator of this machine trusts, given to Node beside its own list when the file
// is there. Constant; any thread.
#pragma once

namespace kiln::runner {

inline constexpr const char* kSystemCertificates = "/etc/ssl/certs/ca-certificates.crt";

}  // namespace kiln::runner
