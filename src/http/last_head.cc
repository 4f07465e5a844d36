#include "http/last_head.h"

#include "http/router.h"

namespace kiln::http {

void LastHead::keep(std::string_view head, std::string_view method, std::string_view target) {
  forget();
  if (!target.starts_with('/')) return;
  std::string_view rest = head;
  for (const std::string_view part : {method, std::string_view(" "), target}) {
    if (!rest.starts_with(part)) return;
    rest.remove_prefix(part.size());
  }
  const std::size_t question = target.find('?');
  const std::size_t fixed = question == std::string_view::npos ? target.size() : question + 1;
  before_ = head.substr(0, method.size() + 1 + fixed);
  after_ = rest;
}

std::optional<LastHead::Repeat> LastHead::find_in(std::string_view bytes) const {
  if (after_.empty() || !bytes.starts_with(before_)) return std::nullopt;
  const std::string_view behind = bytes.substr(before_.size());
  const std::size_t end = before_.back() == '?' ? behind.find(' ') : 0;
  if (end == std::string_view::npos || !behind.substr(end).starts_with(after_)) return std::nullopt;
  const std::string_view query = behind.substr(0, end);
  if (!has_target_bytes(query)) return std::nullopt;
  return Repeat{before_.size() + end + after_.size(), query};
}

}  // namespace kiln::http
