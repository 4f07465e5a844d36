// A server beside the front that Workers' processes ask over a unix socket for what their bindings lead to:
// cache, KV, R2. Each request shows by a key (service_key.h) that Kiln itself wired the call, for the one
// thing that its header names.
//
// Owned by app through what answers there. Routes are added before start(), which spawns the server's
// threads; stop() ends them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/router.h"
#include "http/server.h"

namespace kiln::serving {

struct SideOptions {
  const char* names = "";                         // the header that says what is asked for: "x-kiln-space"
  std::function<bool(const http::Request&)> may;  // whether the request shows the key of what it names
  std::size_t connections = 1024;
  http::BodyLimits bodies;
  http::WorkRooms work{};
  bool any_path =
      false;  // paths are names of things, not of files: they may hold "..", and control characters
};

class SideServer {
 public:
  explicit SideServer(SideOptions options);

  // Every path of that method. The handler is given what the request names, which it may ask for; so is
  // `body`, where bodies are taken in pieces.
  using Answer = std::function<http::Reply(const http::Request&, const std::string& name)>;
  using Body = std::function<std::shared_ptr<http::BodySink>(const http::Request&, const std::string& name)>;
  void add(const char* method, http::RouteOptions how, Answer answer, const Body& body = {});

  // Mode 0600.
  [[nodiscard]] Status listen(const std::string& path) { return server_.listen_unix(path, router_); }
  void start() { server_.start(); }
  void stop() { server_.stop(); }

 private:
  // Nobody waits here.
  class NoWakes final : public http::WakeSource {
   public:
    std::uint64_t subscribe(const std::string& /*topic*/, std::function<void()> /*wake*/) override {
      return 0;
    }
    void unsubscribe(std::uint64_t /*ticket*/) override {}
  };

  SideOptions options_;
  NoWakes wakes_;
  http::Router router_;
  http::Server server_;
};

// A response without a body, or with one of plain text.
[[nodiscard]] http::Response plain(int status, http::Headers headers = {}, std::string body = {});

}  // namespace kiln::serving
