// ID tokens of a provider of identities: nothing that is not signed is believed, whatever the bytes say. The
// first line is the provider's keys, the rest the token.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/sessions/oidc_token.h"
#include "wire/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  if (end == text.npos) return 0;
  const auto keys = kiln::wire::parse_json(text.substr(0, end));
  if (!keys || !keys->is_object()) return 0;
  // A nonce that no committed token has: what is taken all the same was not checked.
  const auto claims =
      kiln::api::sessions::read_id_token(text.substr(end + 1), keys->get_object(),
                                         {"https://id.example", "kiln", "never said", 1'800'000'000'000});
  if (claims) std::abort();
  return 0;
}
