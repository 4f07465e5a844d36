// A text looked for in lines: what is found is what looking at each line alone finds. Whatever a log says,
// words for its failure come without harm.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "model/failure_words.h"
#include "model/log_search.h"
#include "model/log_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = kiln::to_valid_utf8({reinterpret_cast<const char*>(data), size});
  const std::size_t cut = text.find('\n');
  if (cut == 0 || cut == std::string::npos) return 0;
  const std::string wanted = text.substr(0, cut);
  kiln::model::LogText lines;
  std::vector<std::int64_t> expected;
  std::int64_t number = 0;
  for (const std::string& line : kiln::split(std::string_view(text).substr(cut + 1), '\n')) {
    lines.add(1'700'000'000'000 + number, line, number % 3 == 0);
    ++number;
    if (kiln::model::without_colours(line).find(wanted) != std::string::npos) expected.push_back(number);
    (void)kiln::model::looks_like_an_error(line);
  }
  kiln::model::LogSearch search({.text = wanted, .ignore_case = false, .from = 1, .limit = 10});
  search.feed(1, lines.text());
  if (expected.size() > kiln::model::LogSearch::kNumbersKept) return 0;
  if (search.numbers() != expected) std::abort();
  if (kiln::model::why_it_failed(text).find('\n') != std::string::npos) std::abort();
  return 0;
}
