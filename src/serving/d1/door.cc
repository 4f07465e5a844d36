#include "serving/d1/door.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "http/listen.h"
#include "serving/d1/passage.h"

namespace kiln::serving {

struct D1Door::Impl {
  Impl(D1Databases& given, D1DoorOptions how) : door{io, given, std::move(how), {}}, acceptor(io) {}

  void welcome(Socket socket) {
    if (door.passages.size() >= door.options.connections) return;
    auto passage = std::make_shared<Passage>(door, std::move(socket));
    door.passages.insert(passage.get());
    asio::co_spawn(io, Passage::serve(std::move(passage)), report_end);
  }

  void stop_on_thread() {
    acceptor.stop();
    for (Passage* passage : door.passages) passage->end();
  }

  asio::io_context io{1};
  std::optional<asio::executor_work_guard<Executor>> work;
  PassageShared door;
  http::Acceptor acceptor;
  std::string path;
  std::thread thread;
};

D1Door::D1Door(D1Databases& databases, D1DoorOptions options)
    : impl_(std::make_unique<Impl>(databases, std::move(options))) {}

D1Door::~D1Door() {
  stop();
}

Status D1Door::listen(const std::string& path) {
  auto opened = http::open_unix(path);
  if (!opened) return tl::unexpected<Error>(opened.error());
  impl_->path = path;
  impl_->acceptor.add(std::move(opened->socket), "a connection to a D1 database",
                      [impl = impl_.get()](Socket socket) { impl->welcome(std::move(socket)); });
  return {};
}

void D1Door::start() {
  impl_->work.emplace(impl_->io.get_executor());
  impl_->thread = std::thread([impl = impl_.get()] { impl->io.run(); });
}

void D1Door::stop() {
  if (!impl_->thread.joinable()) return;
  asio::post(impl_->io, [impl = impl_.get()] { impl->stop_on_thread(); });
  impl_->work.reset();
  impl_->thread.join();
  unlink(impl_->path.c_str());
}

}  // namespace kiln::serving
