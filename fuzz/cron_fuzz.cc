// Cron expressions: whatever is taken comes again and again, each time later and at a whole minute.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/cron.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto cron = kiln::model::Cron::parse(text);
  if (!cron) return 0;
  constexpr kiln::TimeMs kMinute = 60'000;
  kiln::TimeMs time = 1'795'000'000'000;
  for (int i = 0; i < 4; ++i) {
    const kiln::TimeMs next = cron->next_after(time);
    if (next <= time || next % kMinute != 0) std::abort();
    if (cron->next_after(next - 1) != next) std::abort();
    time = next;
  }
  return 0;
}
