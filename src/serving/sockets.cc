#include "serving/sockets.h"

#include <fmt/format.h>
#include <unistd.h>

#include "serving/spawn.h"
#include "serving/workerd_config.h"

namespace kiln::serving {

Result<Sockets> Sockets::open(const std::filesystem::path& base, const std::vector<std::string>& entrypoints,
                              bool events) {
  Sockets out;
  EntrypointPaths paths;
  out.all_.push_back({kSocketName, base.string() + ".s", {}});
  for (std::size_t i = 0; i < entrypoints.size(); ++i) {
    std::string path = fmt::format("{}.{}", base.string(), i);
    paths[entrypoints[i]] = path;
    out.all_.push_back({entrypoint_socket(i), std::move(path), {}});
  }
  if (events) {
    out.events_path_ = base.string() + ".e";
    out.all_.push_back({kEventsSocketName, out.events_path_, {}});
  }
  for (One& one : out.all_) {
    Result<Fd> listener = listen_on(one.path);
    if (!listener) return tl::unexpected<Error>(listener.error());
    one.listener = *std::move(listener);
  }
  out.entrypoints_ = std::make_shared<const EntrypointPaths>(std::move(paths));
  return out;
}

std::vector<std::pair<std::string, int>> Sockets::named() const {
  std::vector<std::pair<std::string, int>> out;
  for (const One& one : all_) out.emplace_back(one.name, one.listener.get());
  return out;
}

void Sockets::remove() {
  for (const One& one : all_) unlink(one.path.c_str());
  all_.clear();
}

}  // namespace kiln::serving
