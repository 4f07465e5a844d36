#include "wire/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <set>

namespace kiln::wire {
namespace {

namespace json = boost::json;

constexpr std::size_t kDeepest = 32;

// Walks a document only to find a key that stands twice in one object: the library's own reader keeps the
// last silently.
class DuplicateFinder {
 public:
  constexpr static std::size_t max_object_size = static_cast<std::size_t>(-1);
  constexpr static std::size_t max_array_size = static_cast<std::size_t>(-1);
  constexpr static std::size_t max_key_size = static_cast<std::size_t>(-1);
  constexpr static std::size_t max_string_size = static_cast<std::size_t>(-1);

  using Code = boost::system::error_code;
  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) {
    keys_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, Code&) {
    keys_.pop_back();
    return true;
  }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, Code&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, Code& code) {
    key_.append(part.data(), part.size());
    const bool fresh = keys_.back().insert(key_).second;
    if (!fresh) {
      duplicate_ = key_;
      code = json::error::exception;
    }
    key_.clear();
    return fresh;
  }
  bool on_string_part(json::string_view, std::size_t, Code&) { return true; }
  bool on_string(json::string_view, std::size_t, Code&) { return true; }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, Code&) { return true; }
  bool on_double(double, json::string_view, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

  [[nodiscard]] const std::string& duplicate() const { return duplicate_; }

 private:
  std::vector<std::set<std::string>> keys_;
  std::string key_;
  std::string duplicate_;
};

// "line 3, column 7" of a byte offset.
std::string place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t line_start = before.rfind('\n');
  const std::size_t column =
      line_start == std::string_view::npos ? before.size() + 1 : before.size() - line_start;
  return fmt::format("line {}, column {}", line, column);
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

Result<json::value> parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDeepest;
  boost::system::error_code error;
  json::basic_parser<DuplicateFinder> finder(options);
  const std::size_t used = finder.write_some(false, text.data(), text.size(), error);
  if (!finder.handler().duplicate().empty()) {
    return fail(Errc::invalid,
                fmt::format("Invalid request body: the key \"{}\" stands twice in one object",
                            finder.handler().duplicate()),
                finder.handler().duplicate());
  }
  if (error == json::error::too_deep) {
    return fail(Errc::invalid,
                fmt::format("Invalid request body: JSON nested deeper than {} levels", kDeepest), "body");
  }
  if (!error) {
    json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
    if (!error) return value;
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return fail(Errc::invalid, "Invalid request body: it is empty where a JSON object is expected", "body");
  }
  return fail(Errc::invalid,
              fmt::format("Invalid request body: not JSON at {} ({})", place_of(text, used), error.message()),
              "body");
}

const json::value* Fields::find(std::string_view name) {
  asked_.emplace_back(name);
  const json::value* value = object_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> Fields::text_of(std::string_view name, const json::value& value, Text rule) {
  const json::string* text = value.if_string();
  if (text == nullptr) {
    refuse(name, "must be a string");
    return std::nullopt;
  }
  if (text->size() < rule.min) {
    refuse(name,
           rule.min == 1 ? "must not be empty" : fmt::format("must be at least {} bytes long", rule.min));
    return std::nullopt;
  }
  if (text->size() > rule.max) {
    refuse(name, fmt::format("is {} bytes long; at most {} are allowed", text->size(), rule.max));
    return std::nullopt;
  }
  const bool bad = std::any_of(text->begin(), text->end(), [&](char c) {
    return is_control(c) && c != '\t' && !(rule.line_breaks && (c == '\n' || c == '\r'));
  });
  if (bad) {
    refuse(name, rule.line_breaks ? "must not hold control characters"
                                  : "must not hold control characters or line breaks");
    return std::nullopt;
  }
  return std::string(*text);
}

std::string Fields::required_text(std::string_view name, Text rule) {
  const json::value* value = find(name);
  if (value == nullptr) {
    refuse(name, "is required");
    return {};
  }
  return text_of(name, *value, rule).value_or("");
}

std::optional<std::string> Fields::optional_text(std::string_view name, Text rule) {
  const json::value* value = find(name);
  return value == nullptr ? std::nullopt : text_of(name, *value, rule);
}

std::optional<bool> Fields::optional_bool(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) {
    refuse(name, "must be true or false");
    return std::nullopt;
  }
  return value->as_bool();
}

std::optional<std::int64_t> Fields::optional_integer(std::string_view name, std::int64_t min,
                                                     std::int64_t max) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_int64() || value->as_int64() < min || value->as_int64() > max) {
    refuse(name, fmt::format("must be a whole number from {} to {}", min, max));
    return std::nullopt;
  }
  return value->as_int64();
}

std::vector<std::string> Fields::required_list(std::string_view name, std::size_t max_items, Text rule) {
  const std::size_t problems = problems_.size();
  std::optional<std::vector<std::string>> list = optional_list(name, max_items, rule);
  if (!list && problems_.size() == problems) refuse(name, "is required");
  return list.value_or(std::vector<std::string>{});
}

std::optional<std::vector<std::string>> Fields::optional_list(std::string_view name, std::size_t max_items,
                                                              Text rule) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  const json::array one = value->is_string() ? json::array{*value} : json::array();
  const json::array* items = value->is_string() ? &one : value->if_array();
  if (items == nullptr) {
    refuse(name, "must be an array of strings");
    return std::nullopt;
  }
  if (items->size() > max_items) {
    refuse(name, fmt::format("has {} items; at most {} are allowed", items->size(), max_items));
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::optional<std::string> text = text_of(fmt::format("{}[{}]", name, i), (*items)[i], rule);
    if (!text) return std::nullopt;
    texts.push_back(*text);
  }
  return texts;
}

const json::object* Fields::optional_object(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) refuse(name, "must be an object");
  return value->if_object();
}

std::vector<const json::object*> Fields::optional_objects(std::string_view name, std::size_t max_items) {
  std::vector<const json::object*> objects;
  const json::value* value = find(name);
  if (value == nullptr) return objects;
  const json::array* items = value->if_array();
  if (items == nullptr) {
    refuse(name, "must be an array of objects");
    return objects;
  }
  if (items->size() > max_items) {
    refuse(name, fmt::format("has {} items; at most {} are allowed", items->size(), max_items));
    return objects;
  }
  for (std::size_t i = 0; i < items->size(); ++i) {
    if (!(*items)[i].is_object()) refuse(fmt::format("{}[{}]", name, i), "must be an object");
    if ((*items)[i].is_object()) objects.push_back((*items)[i].if_object());
  }
  return objects;
}

void Fields::refuse(std::string_view name, std::string_view why) {
  const std::string whole = within_ + std::string(name);
  problems_.push_back({Errc::invalid, fmt::format("Invalid request body: {} {}", whole, why), whole});
}

Status Fields::status() const {
  if (problems_.empty()) return {};
  return tl::unexpected<Error>(problems_.front());
}

std::vector<std::string> Fields::unknown() const {
  std::vector<std::string> names;
  for (const auto& [key, value] : object_) {
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
      names.push_back(within_ + std::string(key));
    }
  }
  return names;
}

}  // namespace kiln::wire
