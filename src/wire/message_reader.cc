#include "wire/message_reader.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace kiln::wire {

MessageReader::MessageReader(const boost::json::value& value, std::string_view where)
    : object_(value.if_object()), where_(where) {
  if (object_ == nullptr) {
    problem_ = Error{Errc::invalid, fmt::format("{} must be an object", where.empty() ? "the body" : where),
                     std::string(where)};
  }
}

const boost::json::value* MessageReader::find(std::string_view name) {
  if (object_ == nullptr) return nullptr;
  const boost::json::value* value = object_->if_contains(name);
  if (value == nullptr) refuse(name, "is missing");
  return value;
}

void MessageReader::refuse(std::string_view name, std::string_view why) {
  if (problem_) return;
  const std::string field = where_.empty() ? std::string(name) : fmt::format("{}.{}", where_, name);
  problem_ = Error{Errc::invalid, fmt::format("{} {}", field, why), field};
}

std::string MessageReader::text(std::string_view name) {
  const boost::json::value* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    refuse(name, "must be a string");
    return {};
  }
  return std::string(value->get_string());
}

bool MessageReader::boolean(std::string_view name) {
  const boost::json::value* value = find(name);
  if (value == nullptr) return false;
  if (!value->is_bool()) {
    refuse(name, "must be true or false");
    return false;
  }
  return value->get_bool();
}

std::int64_t MessageReader::number(std::string_view name, std::int64_t least, std::int64_t most) {
  const boost::json::value* value = find(name);
  if (value == nullptr) return least;
  if (!value->is_int64() || value->get_int64() < least || value->get_int64() > most) {
    refuse(name, fmt::format("must be a whole number from {} to {}", least, most));
    return least;
  }
  return value->get_int64();
}

const boost::json::value* MessageReader::maybe(std::string_view name) const {
  return object_ == nullptr ? nullptr : object_->if_contains(name);
}

std::optional<std::int64_t> MessageReader::maybe_number(std::string_view name, std::int64_t least,
                                                        std::int64_t most) {
  if (maybe(name) == nullptr) return std::nullopt;
  return number(name, least, most);
}

Uuid MessageReader::uuid(std::string_view name) {
  const boost::json::value* value = find(name);
  if (value == nullptr) return {};
  const std::optional<Uuid> id =
      value->is_string() ? Uuid::parse(std::string_view(value->get_string())) : std::nullopt;
  if (!id) refuse(name, "must be a UUID");
  return id.value_or(Uuid{});
}

const boost::json::array& MessageReader::list(std::string_view name, std::size_t max_items) {
  const boost::json::value* value = find(name);
  if (value == nullptr) return nothing_;
  if (!value->is_array()) {
    refuse(name, "must be a list");
    return nothing_;
  }
  if (value->get_array().size() > max_items) {
    refuse(name, fmt::format("must have at most {} items", max_items));
    return nothing_;
  }
  return value->get_array();
}

std::vector<std::string> MessageReader::texts(std::string_view name, std::size_t max_items) {
  std::vector<std::string> out;
  for (const boost::json::value& item : list(name, max_items)) {
    if (item.is_string())
      out.emplace_back(item.get_string());
    else
      refuse(name, "must hold strings");
  }
  return out;
}

std::vector<Uuid> MessageReader::uuids(std::string_view name, std::size_t max_items) {
  std::vector<Uuid> out;
  for (const std::string& text : texts(name, max_items)) {
    const std::optional<Uuid> id = Uuid::parse(text);
    if (!id) refuse(name, "must hold UUIDs");
    out.push_back(id.value_or(Uuid{}));
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> MessageReader::text_pairs(std::string_view name,
                                                                           std::size_t max_items) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const boost::json::value& item : list(name, max_items)) {
    const boost::json::array* pair = item.if_array();
    if (pair != nullptr && pair->size() == 2 && (*pair)[0].is_string() && (*pair)[1].is_string())
      out.emplace_back((*pair)[0].get_string(), (*pair)[1].get_string());
    else
      refuse(name, "must hold pairs of strings");
  }
  return out;
}

Status MessageReader::status() const {
  if (problem_) return tl::unexpected<Error>(*problem_);
  return {};
}

}  // namespace kiln::wire
