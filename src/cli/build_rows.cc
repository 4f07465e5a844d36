#include "cli/build_rows.h"

#include "base/duration_words.h"

namespace kiln::cli {
namespace {

constexpr std::size_t kLongestSentence = 500;
constexpr std::size_t kCommitDigits = 8;

}  // namespace

Row builds_heading() {
  return heading({"BUILD", "WORKER", "STATE", "BRANCH", "COMMIT", "WHEN", "TOOK", "MESSAGE?", "AUTHOR?"});
}

void add_note(std::vector<Row>& rows, std::string_view sentence) {
  if (!sentence.empty()) rows.push_back({{"  " + headline(sentence, kLongestSentence), Colour::dim}});
}

void add_build_rows(std::vector<Row>& rows, const boost::json::value& build, TimeMs now) {
  const auto duration = number_at(build, "duration_ms");
  const bool is_over = !text_at(build, "stopped_on").empty();
  rows.push_back({{headline(text_at(build, "build_uuid"), 36), Colour::cyan},
                  {headline(text_at(build, "worker_name"), 63)},
                  state_of(build),
                  {headline(text_at(build, "branch"), 60)},
                  {headline(text_at(build, "commit_hash"), 64).substr(0, kCommitDigits)},
                  {relative_time(text_at(build, "created_on"), now), Colour::dim},
                  {is_over && duration ? duration_words(*duration) : "-"},
                  {headline(text_at(build, "commit_message"), 60)},
                  {headline(text_at(build, "author"), 30)}});
  if (text_at(build, "build_outcome") != "success") add_note(rows, text_at(build, "sentence"));
}

}  // namespace kiln::cli
