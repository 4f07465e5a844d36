// What a queue binding sends, and what a Worker says of a batch: whatever their process sends is read or
// refused, what is read fits, and no message of a batch is forgotten or settled twice.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "base/hex.h"
#include "serving/queues/batch_frame.h"
#include "serving/queues/sent.h"
#include "testing/fake_entropy.h"

namespace {

void sure(bool holds) {
  if (!holds) std::abort();
}

void check(const kiln::store::NewMessage& message) {
  sure(message.body.size() <= kiln::model::kLargestMessage);
  sure(!message.delay_s || (*message.delay_s >= 0 && *message.delay_s <= kiln::model::kLongestDelayS));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiln;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  testing::FakeEntropy entropy;
  const std::string_view first = text.substr(0, text.find('\n'));
  if (const auto one = serving::read_sent_message({first, first}, std::string(text), entropy)) check(*one);
  if (const auto all = serving::read_sent_batch({{}, {}}, text, entropy)) {
    sure(!all->empty() && all->size() <= static_cast<std::size_t>(model::kMostSent));
    std::size_t bytes = 0;
    for (const store::NewMessage& one : *all) {
      check(one);
      bytes += one.body.size();
    }
    sure(bytes <= model::kLargestSent);
  }
  store::Batch batch;
  for (const char* id : {"00000000000000000000000000000001", "00000000000000000000000000000002"})
    batch.messages.push_back({*Uuid::from_raw(*from_hex(id)), "x", model::ContentType::json, 0, 1, id});
  const serving::BatchVerdict verdict = serving::read_batch_answer(text, batch);
  std::set<std::string> settled(verdict.done.begin(), verdict.done.end());
  for (const store::GivenBack& back : verdict.given_back) {
    settled.insert(back.lease);
    sure(!back.delay_s || (*back.delay_s >= 0 && *back.delay_s <= model::kLongestDelayS));
  }
  sure(settled.size() == 2 && verdict.done.size() + verdict.given_back.size() == 2);
  return 0;
}
