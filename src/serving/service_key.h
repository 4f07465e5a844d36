// What a Worker's call of another one must show, so that a process reaches what its own bindings name and
// nothing else, even when it says something else than its configuration does. Pure function: any thread.
#pragma once

#include <string>
#include <string_view>

namespace kiln::serving {

// What a binding leads to: an entrypoint, empty for the default one, of the account's Worker of that name.
struct Callee {
  std::string account_id;
  std::string worker;
  std::string entrypoint;
};

// Lower-case hex; another one for each callee. `secret` is the server's, and in no configuration.
[[nodiscard]] std::string service_key(std::string_view secret, const Callee& callee);

// Where the calls of such a binding that are no HTTP go: the host of a CONNECT, with the key in it.
[[nodiscard]] std::string connect_host(std::string_view secret, const Callee& callee);

// The callee that a CONNECT's host names, when its key is right.
[[nodiscard]] bool read_connect_host(std::string_view host, std::string_view secret, Callee& into);

// What a Worker's requests to its cache must show, for the space that is its own.
[[nodiscard]] std::string cache_key(std::string_view secret, std::string_view space);

// And to a KV space.
[[nodiscard]] std::string kv_key(std::string_view secret, std::string_view space);

// And to an R2 space.
[[nodiscard]] std::string r2_key(std::string_view secret, std::string_view space);

// And to a queue.
[[nodiscard]] std::string queue_key(std::string_view secret, std::string_view queue);

// What opens a D1 space: key.space, as the host of a CONNECT or in a field of a request.
[[nodiscard]] std::string d1_pass(std::string_view secret, std::string_view space);
// The space that it opens, when its key is right; empty: none.
[[nodiscard]] std::string_view read_d1_pass(std::string_view pass, std::string_view secret);

}  // namespace kiln::serving
