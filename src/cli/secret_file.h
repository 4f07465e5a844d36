// Secrets and other values that a command takes from files or its input, never from its arguments. One
// thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string>

#include "base/result.h"

namespace kiln::cli {

// A file's text; "-" is standard input. Errors: those of reading it; Errc::too_large beyond `most` bytes.
[[nodiscard]] Result<std::string> text_in(const std::string& file, std::size_t most);
// A file's text without the white space around it; "-" is standard input. Errors: those of reading it;
// Errc::invalid for an empty one.
[[nodiscard]] Result<std::string> secret_in(const std::string& file);
// What is to be set to a name: a file's text, or the whole of standard input, without the line break at its
// end. A terminal is asked for one line, and does not show it. Errors: those of reading; Errc::invalid for
// what holds none and for what is no text.
[[nodiscard]] Result<std::string> value_in(const std::string& file, const std::string& name);
// The same as a field of a body; an empty name of a file is none.
[[nodiscard]] Status put_file(boost::json::object& body, const char* field, const std::string& file);

}  // namespace kiln::cli
