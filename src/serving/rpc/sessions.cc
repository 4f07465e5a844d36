#include "serving/rpc/sessions.h"

#include <capnp/any.h>
#include <capnp/message.h>
#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "serving/front/process_socket.h"

namespace kiln::serving {
namespace {

using capnp::AnyPointer;

constexpr std::size_t kMaxAnswer = 1024;
constexpr int kFullBacklogMs = 2;
constexpr const char* kAccepted = "HTTP/1.1 200 OK\r\n\r\n";

// To workerd, "jsg.Error: " makes the rest an Error's message.
kj::Exception for_caller(const std::string& words) {
  return {kj::Exception::Type::FAILED, __FILE__, __LINE__, kj::str("jsg.Error: ", words.c_str())};
}

// Passes a call on to another capability, with what belongs to it.
capnp::Capability::Server::DispatchCallResult pass_on(capnp::Capability::Client& to,
                                                      std::uint64_t interface_id, std::uint16_t method_id,
                                                      capnp::CallContext<AnyPointer, AnyPointer> context) {
  auto request = to.typelessRequest(interface_id, method_id, context.getParams().targetSize());
  request.set(context.getParams());
  context.releaseParams();
  return {context.tailCall(kj::mv(request)), false};
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"  // kj's owners know how to dispose of what they own

// What a process's bootstrap gave for one event, and the session that it lives in.
class Dispatcher final : public capnp::Capability::Server {
 public:
  Dispatcher(kj::Own<Session> session, capnp::Capability::Client inner)
      : session_(kj::mv(session)), inner_(kj::mv(inner)) {}

  DispatchCallResult dispatchCall(std::uint64_t interface_id, std::uint16_t method_id,
                                  capnp::CallContext<AnyPointer, AnyPointer> context) override {
    return pass_on(inner_, interface_id, method_id, context);
  }

 private:
  kj::Own<Session> session_;
  capnp::Capability::Client inner_;
};

// What a caller finds: workerd's WorkerdBootstrap (worker-interface.capnp), whose one method begins an event
// and returns a capability to it.
class Bootstrap final : public capnp::Capability::Server {
 public:
  Bootstrap(Exchange& exchange, Callee callee) : exchange_(exchange), callee_(std::move(callee)) {}

  DispatchCallResult dispatchCall(std::uint64_t interface_id, std::uint16_t method_id,
                                  capnp::CallContext<AnyPointer, AnyPointer> context) override {
    return {
        Session::open(exchange_, callee_)
            .then([interface_id, method_id, context = kj::mv(context)](kj::Own<Session>&& session) mutable {
              auto request = session->bootstrap().typelessRequest(interface_id, method_id,
                                                                  context.getParams().targetSize());
              request.set(context.getParams());
              context.releaseParams();
              auto sent = request.send();
              capnp::Capability::Client inner(sent.getPointerField(0).asCap());
              auto results = context.getResults(capnp::MessageSize{4, 1}).initAsAnyStruct(0, 1);
              results.getPointerSection()[0].setAs<capnp::Capability>(
                  capnp::Capability::Client(kj::heap<Dispatcher>(kj::mv(session), kj::mv(inner))));
            }),
        false};
  }

 private:
  Exchange& exchange_;
  Callee callee_;
};

#pragma GCC diagnostic pop

struct Caller {
  Caller(Exchange& exchange, kj::Own<kj::AsyncIoStream> given, Callee callee, std::shared_ptr<void> kept)
      : seat(std::move(kept)),
        stream(kj::mv(given)),
        network(*stream, capnp::rpc::twoparty::Side::SERVER),
        system(capnp::makeRpcServer(network, kj::heap<Bootstrap>(exchange, std::move(callee)))) {
    system.setFlowLimit(exchange.options.max_in_flight / sizeof(capnp::word));
  }

  std::shared_ptr<void> seat;
  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;
};

kj::Promise<kj::Own<kj::AsyncIoStream>> connected(Exchange& exchange, std::string path) {
  Result<Fd> fd = connect_unix(path);
  if (fd) {
    return exchange.io.lowLevelProvider->wrapSocketFd(fd->release(),
                                                      kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP |
                                                          kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC |
                                                          kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);
  }
  if (fd.error().code != Errc::conflict) return for_caller(fd.error().message);
  return exchange.io.provider->getTimer()
      .afterDelay(kFullBacklogMs * kj::MILLISECONDS)
      .then([&exchange, path = std::move(path)]() mutable { return connected(exchange, std::move(path)); });
}

// Reads an answer's head to its end; behind it nothing comes before we speak.
kj::Promise<void> read_head(kj::AsyncIoStream& stream, std::shared_ptr<std::string> head) {
  auto chunk = kj::heapArray<char>(kMaxAnswer);
  auto read = stream.tryRead(chunk.begin(), 1, chunk.size());
  return read.then(
      [&stream, head = std::move(head), chunk = kj::mv(chunk)](std::size_t got) mutable -> kj::Promise<void> {
        head->append(chunk.begin(), got);
        if (head->ends_with("\r\n\r\n") && head->starts_with("HTTP/1.1 200")) return kj::READY_NOW;
        if (got == 0 || head->size() >= kMaxAnswer || head->ends_with("\r\n\r\n"))
          return for_caller("The Worker's process takes no calls. Kiln's log says what it did.");
        return read_head(stream, std::move(head));
      });
}

kj::Promise<kj::Own<Session>> begun(Exchange& exchange, Endpoint endpoint,
                                    kj::Own<kj::AsyncIoStream> stream) {
  kj::AsyncIoStream& raw = *stream;
  auto ask = kj::str("CONNECT ", kConnectHost, " HTTP/1.1\r\n\r\n");
  auto asked = raw.write(ask.begin(), ask.size()).attach(kj::mv(ask));
  return asked.then([&raw] { return read_head(raw, std::make_shared<std::string>()); })
      .then([&exchange, endpoint = std::move(endpoint), stream = kj::mv(stream)]() mutable {
        return kj::heap<Session>(exchange, std::move(endpoint), kj::mv(stream));
      });
}

// Of a version's process, started when needed.
kj::Promise<Result<Endpoint>> acquired(Exchange& exchange, const Uuid& version) {
  auto pair = kj::newPromiseAndCrossThreadFulfiller<Result<Endpoint>>();
  using Fulfiller = kj::Own<kj::CrossThreadPromiseFulfiller<Result<Endpoint>>>;
  auto fulfiller = std::make_shared<Fulfiller>(kj::mv(pair.fulfiller));
  exchange.runtimes.acquire(
      version, [fulfiller](Result<Endpoint> answer) { (*fulfiller)->fulfill(std::move(answer)); });
  return kj::mv(pair.promise);
}

}  // namespace

Session::Session(Exchange& exchange, Endpoint endpoint, kj::Own<kj::AsyncIoStream> stream)
    : exchange_(exchange),
      endpoint_(std::move(endpoint)),
      stream_(kj::mv(stream)),
      network_(*stream_, capnp::rpc::twoparty::Side::CLIENT),
      system_(capnp::makeRpcClient(network_)) {
  system_.setFlowLimit(exchange.options.max_in_flight / sizeof(capnp::word));
  ++exchange_.sessions;
}

capnp::Capability::Client Session::bootstrap() {
  capnp::MallocMessageBuilder message;
  auto server = message.initRoot<capnp::rpc::twoparty::VatId>();
  server.setSide(capnp::rpc::twoparty::Side::SERVER);
  return system_.bootstrap(server);
}

Session::~Session() noexcept(false) {
  --exchange_.sessions;
}

kj::Promise<kj::Own<Session>> Session::open(Exchange& exchange, const Callee& callee) {
  if (exchange.sessions >= exchange.options.max_sessions) {
    return for_caller(
        "Too many calls from Worker to Worker are open, as when Workers call each other in a circle: see "
        "their service bindings.");
  }
  const RouteOrError found = exchange.routes.of_service(callee.account_id, callee.worker);
  if (!*found) return for_caller(found->error().message);
  const Uuid version = exchange.chooser.choose((*found)->versions);
  auto opened = acquired(exchange, version)
                    .then([&exchange, entrypoint = callee.entrypoint](
                              Result<Endpoint>&& endpoint) -> kj::Promise<kj::Own<Session>> {
                      if (!endpoint) return for_caller(endpoint.error().message);
                      const std::string* path = entrypoint_path(*endpoint, entrypoint);
                      if (path == nullptr) return for_caller(no_entrypoint(entrypoint).value().message);
                      return connected(exchange, *path)
                          .then([&exchange, endpoint = *std::move(endpoint)](
                                    kj::Own<kj::AsyncIoStream>&& stream) mutable {
                            return begun(exchange, std::move(endpoint), kj::mv(stream));
                          });
                    });
  return exchange.io.provider->getTimer()
      .afterDelay(exchange.options.connect_timeout_ms * kj::MILLISECONDS)
      .then([]() -> kj::Promise<kj::Own<Session>> {
        return for_caller("The called Worker's process did not start in time. Kiln's log says what it did.");
      })
      .exclusiveJoin(kj::mv(opened));
}

kj::Promise<void> serve_caller(Exchange& exchange, kj::Own<kj::AsyncIoStream> stream, Callee callee,
                               std::shared_ptr<void> seat) {
  kj::AsyncIoStream& raw = *stream;
  const std::size_t size = std::char_traits<char>::length(kAccepted);
  return raw.write(kAccepted, size)
      .then(
          [&exchange, stream = kj::mv(stream), callee = std::move(callee), seat = std::move(seat)]() mutable {
            auto caller = kj::heap<Caller>(exchange, kj::mv(stream), std::move(callee), std::move(seat));
            auto closed = caller->network.onDisconnect();
            return closed.attach(kj::mv(caller));
          });
}

}  // namespace kiln::serving
