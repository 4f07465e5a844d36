#include "model/log_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "base/strings.h"
#include "base/utf8.h"

namespace kiln::model {

void LogText::add(TimeMs time, std::string_view line, bool service) {
  if (time != stamped_ || stamp_.empty()) {
    stamped_ = time;
    stamp_ = std::to_string(time);
  }
  text_.append(stamp_).append(service ? "! " : " ");
  const std::size_t begin = text_.size();
  text_.append(line);
  if (line.find('\n') != line.npos)
    std::replace(text_.begin() + static_cast<std::ptrdiff_t>(begin), text_.end(), '\n', ' ');
  text_.push_back('\n');
  ++lines_;
}

void LogText::clear() {
  text_.clear();
  lines_ = 0;
}

std::vector<LogLine> LogText::unpack() const {
  std::vector<LogLine> lines;
  LogTextReader reader(text_);
  while (const auto line = reader.next())
    lines.push_back({line->time, std::string(line->text), line->service});
  return lines;
}

std::optional<LogTextReader::Line> LogTextReader::next() {
  const std::size_t end = rest_.find('\n');
  if (end == rest_.npos) return std::nullopt;
  Line line{};
  const char* const stop = rest_.data() + end;
  auto [at, error] = std::from_chars(rest_.data(), stop, line.time);
  if (error != std::errc()) return std::nullopt;
  line.service = at != stop && *at == '!';
  if (line.service) ++at;
  if (at == stop || *at != ' ') return std::nullopt;
  line.text = {at + 1, static_cast<std::size_t>(stop - at - 1)};
  rest_.remove_prefix(end + 1);
  return line;
}

LogChunk pack(const std::vector<LogLine>& lines) {
  LogText text;
  for (const LogLine& line : lines) text.add(line.time, to_valid_utf8(line.text), line.service);
  ZstdCompressor compressor;
  return text.chunk(compressor);
}

Result<std::string> expand(std::string_view frame) {
  return zstd_expand(frame, kMostChunkText);
}

Result<LogChunk> check_chunk(std::string_view frame) {
  const Result<std::string> text = expand(frame);
  if (!text) return tl::unexpected<Error>(text.error());
  if (!is_valid_utf8(*text)) return fail(Errc::invalid, "a log chunk holds bytes that are not UTF-8");
  std::int64_t lines = 0;
  LogTextReader reader(*text);
  while (reader.next()) ++lines;
  if (!reader.at_end())
    return fail(Errc::invalid, fmt::format("line {} of a log chunk has no time", lines + 1));
  return LogChunk{lines, std::string(frame)};
}

}  // namespace kiln::model
