// The one message that is not all JSON: a line of it, then the chunks' bytes as they were made.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "wire/json.h"
#include "wire/message_reader.h"
#include "wire/runner_protocol.h"
#include "wire/story_notes.h"

namespace kiln::wire {
namespace {

namespace json = boost::json;

// Cuts what follows the head into the chunks it announced.
void read_chunks(MessageReader& reader, std::string_view bytes, std::vector<model::LogChunk>& chunks) {
  for (const json::value& item : reader.list("chunks", kMostChunks)) {
    const std::int64_t* size = item.if_int64();
    if (size == nullptr || *size < 1 || static_cast<std::uint64_t>(*size) > bytes.size()) {
      return reader.refuse("chunks", "must be the sizes of the chunks that follow");
    }
    Result<model::LogChunk> chunk = model::check_chunk(bytes.substr(0, static_cast<std::size_t>(*size)));
    if (!chunk) return reader.refuse("chunks", chunk.error().message);
    bytes.remove_prefix(static_cast<std::size_t>(*size));
    chunks.push_back(std::move(*chunk));
  }
  if (!bytes.empty()) reader.refuse("chunks", "must account for every byte that follows");
}

}  // namespace

std::string encode(const LogCall& call) {
  json::object head;
  head["lease_id"] = call.lease_id.str();
  head["seq"] = call.seq;
  json::array sizes;
  std::size_t total = 0;
  for (const model::LogChunk& chunk : call.chunks) {
    sizes.emplace_back(chunk.frame.size());
    total += chunk.frame.size();
  }
  head["chunks"] = std::move(sizes);
  if (!call.story.empty()) head["story"] = story_json(call.story);
  std::string body = json::serialize(head);
  body.reserve(body.size() + 1 + total);
  body.push_back('\n');
  for (const model::LogChunk& chunk : call.chunks) body.append(chunk.frame);
  return body;
}

Result<LogCall> decode_log(std::string_view body) {
  const std::size_t end = body.find('\n');
  if (end == body.npos) return fail(Errc::invalid, "A log call has no line break after its head.", "body");
  Result<json::value> head = parse_json(body.substr(0, end));
  if (!head) return tl::unexpected<Error>(head.error());
  MessageReader reader(*head, "");
  LogCall call;
  call.lease_id = reader.uuid("lease_id");
  call.seq = static_cast<int>(reader.number("seq", 1, 2'000'000'000));
  call.story = read_story(reader);
  read_chunks(reader, body.substr(end + 1), call.chunks);
  if (Status status = reader.status(); !status) return tl::unexpected<Error>(status.error());
  return call;
}

}  // namespace kiln::wire
