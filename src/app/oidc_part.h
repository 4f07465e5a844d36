// The provider of identities that the settings name, made once at the start. Any thread.
#pragma once

#include <memory>

#include "api/sessions/oidc_provider.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/oidc.h"

namespace kiln::app {

// Null without an issuer. Its files are read now, and not again before the next start. Errors: Errc::invalid,
// naming the setting, where one of them cannot be read or others of the machine can read the secret.
[[nodiscard]] Result<std::unique_ptr<api::sessions::OidcProvider>> make_oidc(
    const model::OidcSettings& settings, const Clock& clock);

}  // namespace kiln::app
