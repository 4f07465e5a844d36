// An event in words for people, as chats and mails say it. Pure; any thread. Names and messages are
// strangers'.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "model/build_report.h"

namespace kiln::events {

struct Notice {
  enum class Mood { neutral, good, bad };
  Mood mood = Mood::neutral;
  std::string title;     // "shop: the build of main failed"
  std::string sentence;  // how it ended
  std::string worker;
  std::string branch;
  std::string commit;   // seven digits
  std::string message;  // the commit's first line
  std::string author;
  std::string first_error;
  std::string build_url;
  std::string preview_url;  // the branch's own where it has one
};

// Empty texts: there is nothing to say. `report`: of the build, or null.
[[nodiscard]] Notice notice_of(const boost::json::object& event, const model::BuildReport* report);

// A notice's parts below its title, one a line: "Branch: main".
[[nodiscard]] std::string plain_text(const Notice& notice);

}  // namespace kiln::events
