#include "workers/tails.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/strings.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

constexpr TimeMs kSlackMs = 20;  // between the clock of workerd and ours
constexpr int kNothingDueMs = 15'000;

template <typename List, typename Item>
bool takes(const List& list, const Item& item) {
  return list.empty() || std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

Result<OpenedTail> Tails::open(const std::string& worker_tag, const std::string& script_name,
                               TailFilters filters) {
  const std::lock_guard lock(mutex_);
  forget_late();
  const auto of_worker = std::count_if(
      tails_.begin(), tails_.end(), [&](const auto& entry) { return entry.second.worker_tag == worker_tag; });
  if (tails_.size() >= kMaxTails || static_cast<std::size_t>(of_worker) >= kMaxOfWorker) {
    return fail(Errc::rate_limited,
                "As many tails are open as Kiln keeps. End one of them, or try again in a minute.");
  }
  Tail tail;
  tail.id = entropy_.hex32();
  tail.token = entropy_.hex32();
  tail.worker_tag = worker_tag;
  tail.script_name = script_name;
  tail.filters = std::move(filters);
  tail.until = clock_.now() + kConnectMs;
  for (const char byte : entropy_.bytes(8)) tail.dice = tail.dice << 8U | static_cast<unsigned char>(byte);
  tail.dice |= 1U;
  OpenedTail opened{tail.id, tail.token, clock_.now() + kLifeMs};
  tails_.emplace(tail.id, std::move(tail));
  count_ = static_cast<int>(tails_.size());
  return opened;
}

void Tails::close(const std::string& worker_tag, const std::string& id) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = tails_.find(id);
    if (found == tails_.end() || found->second.worker_tag != worker_tag) return;
    tails_.erase(found);
    settle();
  }
  hub_.notify(topic(id));
}

Result<ConnectedTail> Tails::connect(std::string_view token) {
  const std::lock_guard lock(mutex_);
  forget_late();
  for (auto& [id, tail] : tails_) {
    if (tail.token.empty() || tail.token != token) continue;
    tail.token.clear();
    tail.until = clock_.now() + kLifeMs;
    return ConnectedTail{id, tail.worker_tag};
  }
  return fail(Errc::not_found,
              "There is no such tail: its address works once, within a minute. Start it anew.");
}

// Those whose time is up. With the mutex held.
void Tails::forget_late() {
  const TimeMs now = clock_.now();
  std::erase_if(tails_, [now](const auto& entry) { return entry.second.until <= now; });
  settle();
}

// Keeps nothing that nobody watches. With the mutex held.
void Tails::settle() {
  count_ = static_cast<int>(tails_.size());
  if (!tails_.empty()) return;
  open_.clear();
  recent_.clear();
}

bool Tails::watched(std::string_view worker_tag) {
  const std::lock_guard lock(mutex_);
  return std::any_of(tails_.begin(), tails_.end(),
                     [&](const auto& entry) { return entry.second.worker_tag == worker_tag; });
}

std::uint64_t Tails::begin(const std::string& worker_tag, const Uuid& version, TailedRequest request) {
  auto record = std::make_shared<Record>();
  record->version = version;
  record->request = std::move(request);
  return begin(worker_tag, std::move(record));
}

std::uint64_t Tails::begin_batch(const std::string& worker_tag, const Uuid& version, TailedBatch batch) {
  auto record = std::make_shared<Record>();
  record->version = version;
  record->batch = std::move(batch);
  return begin(worker_tag, std::move(record));
}

std::uint64_t Tails::begin(const std::string& worker_tag, std::shared_ptr<Record> record) {
  const std::lock_guard lock(mutex_);
  forget_late();
  const bool is_watched = std::any_of(
      tails_.begin(), tails_.end(), [&](const auto& entry) { return entry.second.worker_tag == worker_tag; });
  if (!is_watched || open_.size() >= kMaxOpen) return 0;
  record->begin = clock_.now();
  open_.emplace(next_ticket_, std::pair(worker_tag, std::move(record)));
  return next_ticket_++;
}

void Tails::end(std::uint64_t ticket, int status) {
  std::string worker_tag;
  RecordPtr record;
  {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(ticket);
    if (found == open_.end()) return;
    std::tie(worker_tag, record) = std::move(found->second);
    open_.erase(found);
    record->ended = clock_.now();
    record->status = status;
  }
  publish(worker_tag, record);
}

// An event that has ended, for every tail of its Worker.
void Tails::publish(const std::string& worker_tag, const RecordPtr& record) {
  std::vector<std::string> topics;
  {
    const std::lock_guard lock(mutex_);
    const TimeMs settled = clock_.now() - kGraceMs;
    while (!recent_.empty() && recent_.front().second->ended < settled) recent_.pop_front();
    recent_.emplace_back(worker_tag, record);
    if (recent_.size() > kMaxWaiting) recent_.pop_front();
    for (auto& [id, tail] : tails_) {
      if (tail.worker_tag != worker_tag || tail.fell_behind) continue;
      tail.waiting.push_back(record);
      if (tail.waiting.size() > kMaxWaiting) {
        tail.fell_behind = true;
        tail.waiting.clear();
      }
      topics.push_back(topic(id));
    }
  }
  for (const std::string& name : topics) hub_.notify(name);
}

// With the mutex held. Null: none of the requests was open then.
Tails::RecordPtr Tails::record_for(const std::string& worker_tag, const Uuid& version,
                                   const TailedLine& line) {
  RecordPtr best;
  const auto look = [&](const std::string& tag, const RecordPtr& record) {
    if (tag != worker_tag || record->version != version || !record->is_call()) return;
    if (record->begin > line.time + kSlackMs) return;
    if (record->ended != 0 && record->ended + kSlackMs < line.time) return;
    // What threw has been answered with a 500 by now, or will be.
    if (line.is_exception && record->status != 0 && record->status != 500) return;
    if (!best || record->begin >= best->begin) best = record;
  };
  for (const auto& [tag, record] : recent_) look(tag, record);
  for (const auto& [ticket, entry] : open_) look(entry.first, entry.second);
  return best;
}

void Tails::line(const std::string& worker_tag, const Uuid& version, TailedLine line) {
  RecordPtr alone;
  {
    const std::lock_guard lock(mutex_);
    const TimeMs now = clock_.now();
    const TimeMs settled = now - kGraceMs;
    while (!recent_.empty() && recent_.front().second->ended < settled) recent_.pop_front();
    RecordPtr record = record_for(worker_tag, version, line);
    // Lines outside any request share an event as long as it has not been handed out.
    for (auto other = recent_.rbegin(); !record && other != recent_.rend(); ++other) {
      if (other->first == worker_tag && other->second->version == version && !other->second->is_call())
        record = other->second;
    }
    if (!record) {
      record = alone = std::make_shared<Record>();
      record->version = version;
      record->begin = record->ended = now;
    }
    if (record->lines.size() < kMaxLines) record->lines.push_back(std::move(line));
  }
  if (alone) publish(worker_tag, alone);
}

bool Tails::wants(Tail& tail, const Record& record, std::string_view outcome) {
  const TailFilters& filters = tail.filters;
  if (!takes(filters.outcomes, outcome)) return false;
  if (filters.version && *filters.version != record.version) return false;
  if (!filters.methods.empty() && (!record.request || !takes(filters.methods, record.request->method)))
    return false;
  if (!filters.header_key.empty()) {
    if (!record.request) return false;
    const auto& headers = record.request->headers;
    const bool has = std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
      return header.first == filters.header_key &&
             header.second.find(filters.header_query) != std::string::npos;
    });
    if (!has) return false;
  }
  if (filters.sampling_rate >= 1) return true;
  constexpr double kRange = 18446744073709551616.0;
  tail.dice ^= tail.dice << 13U;
  tail.dice ^= tail.dice >> 7U;
  tail.dice ^= tail.dice << 17U;
  return static_cast<double>(tail.dice) / kRange < filters.sampling_rate;
}

TailNews Tails::news(const std::string& id) {
  TailNews news;
  const std::lock_guard lock(mutex_);
  const TimeMs now = clock_.now();
  const auto found = tails_.find(id);
  if (found == tails_.end() || found->second.until <= now) {
    news.over = true;
    forget_late();
    return news;
  }
  Tail& tail = found->second;
  if (tail.fell_behind) {
    const json::value words = {{"outcome", "ok"},
                               {"scriptName", tail.script_name},
                               {"exceptions", json::array()},
                               {"logs", json::array()},
                               {"eventTimestamp", now},
                               {"event",
                                {{"type", "overload"},
                                 {"message",
                                  "This tail ends: events came faster than they were read. "
                                  "Start it anew, with a filter or a sampling rate."}}}};
    news.events.push_back(json::serialize(words));
    news.over = true;
    tails_.erase(found);
    settle();
    return news;
  }
  news.wait_ms = kNothingDueMs;
  while (!tail.waiting.empty()) {
    const Record& record = *tail.waiting.front();
    const TimeMs due = record.ended + kGraceMs;
    if (due > now) {
      news.wait_ms = static_cast<int>(due - now) + 1;
      break;
    }
    json::array logs;
    json::array exceptions;
    for (const TailedLine& line : record.lines) {
      const std::string text = to_valid_utf8(line.text);
      if (line.is_exception) {
        exceptions.push_back({{"name", line.name}, {"message", text}, {"timestamp", line.time}});
      } else {
        logs.push_back(
            {{"message", json::array{json::string(text)}}, {"level", line.level}, {"timestamp", line.time}});
      }
    }
    const bool failed = record.batch && record.status != 0 && record.status != 200;
    const std::string_view outcome = !exceptions.empty() || failed            ? "exception"
                                     : record.is_call() && record.status == 0 ? "canceled"
                                                                              : "ok";
    if (wants(tail, record, outcome)) {
      json::value event = nullptr;
      if (record.request) {
        json::object headers;
        for (const auto& [name, value] : record.request->headers) headers[name] = to_valid_utf8(value);
        event = {{"request",
                  {{"url", to_valid_utf8(record.request->url)},
                   {"method", record.request->method},
                   {"headers", std::move(headers)},
                   {"cf", json::object()}}}};
        if (record.status != 0) event.as_object()["response"] = {{"status", record.status}};
      } else if (record.batch) {
        event = {{"queue", record.batch->queue}, {"batchSize", record.batch->size}};
      }
      const json::value frame = {{"outcome", outcome},
                                 {"scriptName", tail.script_name},
                                 {"scriptVersion", {{"id", record.version.str()}}},
                                 {"exceptions", std::move(exceptions)},
                                 {"logs", std::move(logs)},
                                 {"eventTimestamp", record.begin},
                                 {"event", std::move(event)}};
      news.events.push_back(json::serialize(frame));
    }
    tail.waiting.pop_front();
  }
  return news;
}

}  // namespace kiln::workers
