// How a version's process is given a batch of a queue, and what it says of it. The body of POST kBatchPath is
// the length of a JSON text in four bytes, the least first, that text, {"queue", "messages": [{"id",
// "timestamp", "attempts", "type", "size"}], "metrics"}, and the messages' bodies one behind the other. Pure;
// any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/batch_store.h"

namespace kiln::serving {

[[nodiscard]] std::string batch_frame(const store::Batch& batch);

// What becomes of each message, by its lease.
struct BatchVerdict {
  std::string outcome;  // workerd's: "ok", "exception", "exceededCpu"; or ours
  std::vector<std::string> done;
  std::vector<store::GivenBack> given_back;
};

// `text`: workerd's answer to queue(); one that is none is an exception.
[[nodiscard]] BatchVerdict read_batch_answer(std::string_view text, const store::Batch& batch);
// The Worker did not come to an answer: all of them again.
[[nodiscard]] BatchVerdict failed_batch(std::string outcome, const store::Batch& batch);

}  // namespace kiln::serving
