// Tells whoever listens that the server's disk has little room left: once, until there is room again; while
// nobody listens, the first who does. Owned by the Service; one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "events/hub.h"
#include "store/outbox.h"

namespace kiln::app {

// What the server may still write there; nothing when the system cannot tell.
[[nodiscard]] std::optional<std::uint64_t> free_bytes(const std::filesystem::path& place);

class DiskWatch {
 public:
  using FreeBytes = std::function<std::optional<std::uint64_t>()>;

  // `floor`: bytes below which it is low; 0: it never is. The references outlive it.
  DiskWatch(store::Outbox& outbox, events::Hub& hub, FreeBytes free_bytes, std::uint64_t floor)
      : outbox_(outbox), hub_(hub), free_bytes_(std::move(free_bytes)), floor_(floor) {}

  // A look; cheap.
  void look();

 private:
  store::Outbox& outbox_;
  events::Hub& hub_;
  FreeBytes free_bytes_;
  std::uint64_t floor_;
  bool low_ = false;
  bool told_ = false;
};

}  // namespace kiln::app
