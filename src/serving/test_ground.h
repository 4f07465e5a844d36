// What the tests of this room stand on: a store with versions in a temporary folder, the real workerd, and
// requests over its sockets. Only for tests.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fs.h"
#include "serving/validator.h"
#include "serving/workerd_runtimes.h"
#include "testing/memory_store.h"
#include "workers/blob_store.h"

namespace kiln::serving {

// Looks again and again for what comes by itself (a process's start or end); false after half a minute.
template <typename Condition>
bool comes_true(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

inline constexpr const char* kEsm = "application/javascript+module";

inline Engine test_engine() {
  Engine engine;
  engine.workerd = [] { return KILN_WORKERD_FILE; };
  return engine;
}

#define KILN_NEEDS_WORKERD()                                             \
  if (const Status fits = check_engine(test_engine()); !fits) {          \
    GTEST_SKIP() << "workerd cannot run here: " << fits.error().message; \
  }

// The whole answer to one request; empty when nobody answers.
inline std::string ask(const std::string& socket_path, const std::string& path,
                       const std::string& more_headers = "") {
  const Fd socket_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(static_cast<char*>(address.sun_path), socket_path.c_str(), sizeof address.sun_path - 1);
  if (connect(socket_fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  const timeval limit{20, 0};
  setsockopt(socket_fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const std::string request = "GET " + path +
                              " HTTP/1.1\r\nHost: hello.dev.localhost\r\nConnection: close\r\n" +
                              more_headers + "\r\n";
  if (send(socket_fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return {};
  std::string answer;
  std::array<char, 65536> chunk{};
  while (true) {
    const ssize_t got = recv(socket_fd.get(), chunk.data(), chunk.size(), 0);
    if (got <= 0) return answer;
    answer.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

inline std::string body_of(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : answer.substr(end + 4);
}

struct TestGround {
  testing::TestStore store;
  workers::BlobStore blobs{store.folder.path() / "blobs"};
  std::filesystem::path folder = store.folder.path() / "runtime";
  model::Account account = store.add_account();
  model::Worker worker = store.add_worker(account.id, "hello");
  RuntimeOptions options;
  std::mutex mutex;
  std::vector<std::string> lines;
  std::unique_ptr<WorkerdRuntimes> runtimes;

  TestGround() {
    EXPECT_TRUE(make_directory(folder, 0700));
    options.engine = test_engine();
    options.folder = folder;
  }

  void start() {
    runtimes = std::make_unique<WorkerdRuntimes>(
        store.versions, blobs, options,
        [this](const Uuid&, const std::string&, const workers::TailedLine& line) {
          const std::lock_guard lock(mutex);
          lines.push_back(line.text);
        });
    runtimes->start();
  }

  // Stores a version of these modules (name, content type, content).
  struct Module {
    std::string name;
    std::string type;
    std::string content;
  };
  Uuid add(const std::vector<Module>& modules, store::NewVersion fresh = {},
           const std::map<std::string, std::string>& assets = {}) {
    model::Version& version = fresh.version;
    version.id = store.entropy.uuid();
    version.worker_tag = worker.tag;
    version.source = "wrangler";
    if (version.compatibility_date.empty()) version.compatibility_date = "2026-01-01";
    if (version.main_module.empty() && version.body_part.empty() && !modules.empty())
      version.main_module = modules[0].name;
    for (const Module& module : modules)
      version.modules.push_back(
          {module.name, module.type, blobs.put(module.content).value(), module.content.size()});
    if (!assets.empty()) add_assets(version, assets);
    const auto added = store.versions.add_version(fresh);
    EXPECT_TRUE(added) << added.error().message;
    return version.id;
  }
  Uuid add_script(const std::string& code) { return add({{"index.js", kEsm, code}}); }

  Result<Endpoint> acquire(const Uuid& version) {
    auto answer = std::make_shared<std::promise<Result<Endpoint>>>();
    runtimes->acquire(version, [answer](Result<Endpoint> result) { answer->set_value(std::move(result)); });
    return answer->get_future().get();
  }
  // The answer of a version, started when needed.
  std::string get(const Uuid& version, const std::string& path = "/") {
    const Result<Endpoint> endpoint = acquire(version);
    if (!endpoint) return "not started: " + endpoint.error().message;
    return ask(endpoint->socket_path, path);
  }

 private:
  void add_assets(model::Version& version, const std::map<std::string, std::string>& assets) {
    store::AssetSession session{store.entropy.uuid(), worker.name, account.id, false, {}, {}};
    std::vector<store::AssetBlob> stored;
    for (const auto& [path, content] : assets) {
      const std::string blob = blobs.put(content).value();
      version.assets.push_back({path, blob.substr(0, 32), content.size()});
      stored.push_back({blob.substr(0, 32), "", blob, content.size()});
      session.missing.push_back(blob.substr(0, 32));
    }
    session.manifest = version.assets;
    EXPECT_TRUE(store.assets.add_asset_session(session, store.entropy.hex32(), 3'600'000));
    EXPECT_TRUE(store.assets.add_assets(session.id, stored));
    version.has_assets = true;
    if (version.assets_config_json.empty()) version.assets_config_json = "{}";
  }
};

}  // namespace kiln::serving
