// Answers by key, each in the space of one Worker, within a bound of bytes that all spaces share: when it is
// reached, the answer unused for longest of the space that takes most goes. So no Worker drives out what
// others keep with less. Belongs to one thread.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "serving/cache/answer.h"

namespace kiln::serving {

class Shelf {
 public:
  explicit Shelf(std::size_t limit) : limit_(limit) {}

  // Nothing when it is not there or over.
  [[nodiscard]] std::shared_ptr<const StoredAnswer> find(const std::string& space, const std::string& key,
                                                         TimeMs now);
  // In place of what was there. One that is larger than the bound is not kept.
  void put(const std::string& space, const std::string& key, StoredAnswer answer);
  // Whether there was one that is not over.
  bool remove(const std::string& space, const std::string& key, TimeMs now);

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const StoredAnswer> answer;
    std::size_t size = 0;
  };
  using Line = std::list<Entry>;  // the last used comes first
  struct Space {
    Line line;
    std::unordered_map<std::string, Line::iterator> by_key;
    std::size_t size = 0;
  };
  using Spaces = std::unordered_map<std::string, Space>;

  void erase(Spaces::iterator space, Line::iterator entry);
  void make_room();

  std::size_t limit_;
  std::size_t size_ = 0;
  Spaces spaces_;
};

}  // namespace kiln::serving
