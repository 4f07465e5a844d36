// Reads one object of the runner protocol: every field is required, but for those asked for by maybe_…, and
// of one kind; the first problem is kept and named. Between our own programs values may hold any text (an
// environment variable may have line breaks). Lives on one stack; refers to the value it was made from.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace kiln::wire {

class MessageReader {
 public:
  // `where` names the object in messages; empty at the top.
  MessageReader(const boost::json::value& value, std::string_view where);

  [[nodiscard]] std::string text(std::string_view name);
  [[nodiscard]] bool boolean(std::string_view name);
  [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t least, std::int64_t most);
  // Nothing when it is absent.
  [[nodiscard]] std::optional<std::int64_t> maybe_number(std::string_view name, std::int64_t least,
                                                         std::int64_t most);
  [[nodiscard]] const boost::json::value* maybe(std::string_view name) const;
  [[nodiscard]] Uuid uuid(std::string_view name);
  // Empty when it is not a list or too long.
  [[nodiscard]] const boost::json::array& list(std::string_view name, std::size_t max_items);
  // Lists of one kind of item.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name, std::size_t max_items);
  [[nodiscard]] std::vector<Uuid> uuids(std::string_view name, std::size_t max_items);
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> text_pairs(std::string_view name,
                                                                            std::size_t max_items);

  // Notes a problem that the caller found.
  void refuse(std::string_view name, std::string_view why);
  // The first problem as Errc::invalid with `field`.
  [[nodiscard]] Status status() const;

 private:
  const boost::json::value* find(std::string_view name);

  const boost::json::object* object_;
  std::string_view where_;
  std::optional<Error> problem_;
  boost::json::array nothing_;
};

}  // namespace kiln::wire
