#include "serving/service_key.h"

#include <array>
#include <optional>

#include "base/hash.h"
#include "base/hex.h"

namespace kiln::serving {
namespace {

std::string key_to(std::string_view kind, std::string_view secret, std::string_view thing) {
  std::string text(kind);
  text += '\0';
  text += thing;
  return to_hex(hmac_sha256(secret, text));
}

}  // namespace

std::string service_key(std::string_view secret, const Callee& callee) {
  std::string text = "service";
  for (const std::string* part : {&callee.account_id, &callee.worker, &callee.entrypoint}) {
    text += '\0';
    text += *part;
  }
  return to_hex(hmac_sha256(secret, text));
}

// key.account.worker.entrypoint, the last two in hex: no name has a point that would be taken for ours.
std::string connect_host(std::string_view secret, const Callee& callee) {
  return service_key(secret, callee) + '.' + callee.account_id + '.' + to_hex(callee.worker) + '.' +
         to_hex(callee.entrypoint);
}

bool read_connect_host(std::string_view host, std::string_view secret, Callee& into) {
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t point = host.find('.');
    if ((point == std::string_view::npos) != (i + 1 == parts.size())) return false;
    parts[i] = host.substr(0, point);
    host.remove_prefix(point == std::string_view::npos ? host.size() : point + 1);
  }
  const std::optional<std::string> worker = from_hex(parts[2]);
  const std::optional<std::string> entrypoint = from_hex(parts[3]);
  if (secret.empty() || !worker || !entrypoint) return false;
  into = {std::string(parts[1]), *worker, *entrypoint};
  return equal_constant_time(parts[0], service_key(secret, into));
}

std::string cache_key(std::string_view secret, std::string_view space) {
  return key_to("cache", secret, space);
}

std::string kv_key(std::string_view secret, std::string_view space) {
  return key_to("kv", secret, space);
}

std::string r2_key(std::string_view secret, std::string_view space) {
  return key_to("r2", secret, space);
}

std::string queue_key(std::string_view secret, std::string_view queue) {
  return key_to("queue", secret, queue);
}

std::string d1_pass(std::string_view secret, std::string_view space) {
  return key_to("d1", secret, space) + '.' + std::string(space);
}

std::string_view read_d1_pass(std::string_view pass, std::string_view secret) {
  const std::size_t point = pass.find('.');
  if (secret.empty() || point == std::string_view::npos) return {};
  const std::string_view space = pass.substr(point + 1);
  return equal_constant_time(pass.substr(0, point), key_to("d1", secret, space)) ? space : std::string_view();
}

}  // namespace kiln::serving
