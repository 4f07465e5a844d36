// What clients send to queues, event subscriptions and sinks: read in every way; what is taken as a message
// has no more bytes than a message may have.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/queues/bodies.h"
#include "api/sinks/sink_body.h"
#include "testing/fake_entropy.h"
#include "wire/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiln;
  const auto value = wire::parse_json({reinterpret_cast<const char*>(data), size});
  if (!value || !value->is_object()) return 0;
  const boost::json::object& body = value->get_object();
  testing::FakeEntropy entropy;
  model::MessageQueue queue;
  if (api::queues::read_queue(body, true, queue) && !model::is_queue_name(queue.name)) std::abort();
  if (const auto consumer = api::queues::read_consumer(body, std::nullopt)) {
    const bool names_one = consumer->kind != model::ConsumerKind::worker || !consumer->worker_name.empty();
    if (!names_one || !api::queues::read_consumer(body, consumer.value())) std::abort();
  }
  if (const auto message = api::queues::read_message(body, entropy);
      message && message->body.size() > model::kLargestMessage)
    std::abort();
  (void)api::queues::read_batch(body, entropy);
  (void)api::queues::read_pull(body);
  (void)api::queues::read_acks(body);
  (void)api::queues::read_refs(body);
  model::EventSubscription subscription;
  (void)api::queues::read_subscription(body, true, subscription);
  (void)api::queues::read_subscription(body, false, subscription);
  api::sink_routes::SinkBody sink;
  if (api::sink_routes::read_sink(body, true, sink) && sink.secrets.url.rfind(sink.sink.place, 0) != 0)
    std::abort();
  (void)api::sink_routes::read_sink(body, false, sink);
  return 0;
}
