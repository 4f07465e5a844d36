// An answer as the Cache API keeps it, read from the bytes that a Worker put, and what becomes of it when the
// Worker asks: the rules of a shared cache (RFC 9111) as the hosted platform applies them, which heeds the
// answer's own header fields and no Vary. Pure functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"

namespace kiln::serving {

struct StoredAnswer {
  int status = 200;
  http::Headers headers;  // that go out again; their framing is whoever sends them's
  http::SharedBytes body;
  TimeMs stored_on = 0;
  TimeMs expires_on = 0;
  std::string etag;
  std::optional<TimeMs> last_modified;

  [[nodiscard]] std::size_t size() const;  // of what it takes in memory, about
};

// `bytes`: a response head, and behind it the body as it is, without chunks. Nothing for an answer that a
// shared cache does not keep: private, not to be stored, with a cookie, over already, a part. Errors:
// Errc::invalid.
[[nodiscard]] Result<std::optional<StoredAnswer>> read_answer(std::string_view bytes, TimeMs now);

// What a hit becomes for this request: 200 whole, 206 for one range, 304 where the Worker has it already,
// 416. `kept` is shared with the response.
[[nodiscard]] http::Response hit(const StoredAnswer& kept, const http::Request& request, TimeMs now);

}  // namespace kiln::serving
