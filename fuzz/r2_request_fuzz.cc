// What an R2 binding asks for: whatever its process sends is read or refused, and what is read fits.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/r2_rules.h"
#include "serving/r2/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using kiln::serving::R2Request;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto request = kiln::serving::read_r2_request(text);
  if (!request) return 0;
  using Method = R2Request::Method;
  const auto sure = [](bool holds) {
    if (!holds) std::abort();
  };
  if (request->method == Method::list) {
    sure(request->listing.limit >= 1 && request->listing.limit <= kiln::model::kMostR2Listed);
  } else if (request->method == Method::remove) {
    sure(request->keys.size() <= static_cast<std::size_t>(kiln::model::kMostR2Deleted));
    for (const std::string& key : request->keys) sure(kiln::model::check_r2_key(key).has_value());
  } else {
    sure(kiln::model::check_r2_key(request->key).has_value());
    sure(kiln::model::check_r2_about(request->about).has_value());
  }
  if (request->method == Method::put_part)
    sure(request->part_number >= 1 && request->part_number <= kiln::model::kMostR2Parts);
  for (std::size_t kind = 0; kind < kiln::model::kDigestKinds; ++kind) {
    const std::string& digest = request->digests[kind];
    sure(digest.empty() || digest.size() == kiln::model::kDigestSizes[kind]);
  }
  for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 40U}) {
    const auto span = kiln::model::r2_span(request->range.value_or(kiln::model::R2Range{}), bytes);
    if (span) sure(span->offset <= bytes && span->length <= bytes - span->offset);
  }
  return 0;
}
