#include "store/default_token.h"

namespace kiln::store {

Result<model::BuildToken> default_token(BuildTokenStore& tokens, Entropy& entropy, const Clock& clock,
                                        const std::string& account_id) {
  model::BuildToken fresh;
  fresh.uuid = entropy.uuid();
  fresh.account_id = account_id;
  fresh.name = "Default build token";
  fresh.cloudflare_token_id = entropy.hex32();
  fresh.is_default = true;
  fresh.created_on = clock.now();
  return tokens.default_build_token(fresh);
}

}  // namespace kiln::store
