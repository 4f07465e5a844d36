// Hosts of requests to Workers, and whole heads: nothing but views into the bytes, and labels of the allowed
// letters alone.
#include <cstdlib>

#include "http/body.h"
#include "http/head.h"
#include "serving/front/host.h"
#include "serving/front/rewrite.h"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void check_host(std::string_view host) {
  const auto name = kiln::serving::parse_host(host, "localhost");
  if (!name) return;
  for (const std::string* label : {&name->label, &name->subdomain}) {
    expect(!label->empty() && label->size() <= 63);
    for (const char c : *label) {
      expect((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_');
    }
  }
  // What was understood reads the same again.
  expect(kiln::serving::parse_host(name->label + "." + name->subdomain + ".localhost", "localhost") == name);
}

// What is passed on is read by the next one as one head with the same framing.
void check_head(std::string_view bytes) {
  std::size_t scanned = 0;
  const std::size_t size = kiln::http::head_size(bytes, scanned).value_or(0);
  kiln::http::Head head;
  if (size == 0 || !kiln::http::parse_request(bytes.substr(0, size), head)) return;
  check_host(head.host);
  if (head.fields.size() > 200) return;  // a few are added below, and there is a limit
  std::string passed;
  kiln::serving::append_request_head(passed, head,
                                     {.peer = "127.0.0.1", .visitor = "127.0.0.1", .secure = true});
  std::size_t again = 0;
  expect(kiln::http::head_size(passed, again) == passed.size());
  kiln::http::Head seen;
  expect(kiln::http::parse_request(passed, seen));
  expect(seen.method == head.method && seen.target == head.target && seen.host == head.host);
  expect(seen.body == head.body && seen.length == head.length);
  kiln::http::BodyScanner whole(head.body, head.length);
  std::string data;
  const std::size_t used = whole.take(bytes.substr(size), &data);
  kiln::http::BodyScanner pieces(head.body, head.length);
  std::string same;
  std::size_t taken = 0;
  for (std::size_t at = size; at < bytes.size() && !pieces.done() && !pieces.broken(); ++at) {
    taken += pieces.take(bytes.substr(at, 1), &same);
  }
  expect(used == taken && data == same && whole.done() == pieces.done() && whole.broken() == pieces.broken());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_host(bytes);
  check_head(bytes);
  return 0;
}
