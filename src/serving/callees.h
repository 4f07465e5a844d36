// What a version's process calls outside itself, as services of its configuration: other Workers, KV
// namespaces, D1 databases, R2 buckets, queues, the cache. Each is a service of its own, which says whom it
// leads to and shows that it may. Belongs to one thread.
#pragma once

#include <string>

#include "serving/workerd_config.h"

namespace kiln::serving {

class Callees {
 public:
  // Both outlive it; `out` is told which sockets are needed.
  Callees(const Surroundings& around, WorkerdConfig& out) : around_(around), out_(out) {}

  // The names of their services.
  std::string worker(const std::string& name, const std::string& entrypoint);
  std::string kv(const std::string& namespace_id);
  std::string d1(const std::string& database);
  std::string r2(const std::string& bucket_name);
  std::string queue(const std::string& name);

  // What the script's service says of the cache; empty: it has none.
  std::string cache();

  // All services.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string next(const char* kind);
  std::string side(const char* kind, const char* socket, const std::string& space, const std::string& key);

  const Surroundings& around_;
  WorkerdConfig& out_;
  std::string text_;
  int count_ = 0;
};

}  // namespace kiln::serving
