// Any bytes as a file of SQL: its statements are parts of it, in their order, none is empty or begins with
// what is none, and put together again they are the same ones.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "workers/sql_statements.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using kiln::workers::sql_statements;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const char* behind = text.data();
  std::string again;
  const auto statements = sql_statements(text);
  for (const std::string_view one : statements) {
    if (one.empty() || one.data() < behind || one.data() + one.size() > text.data() + text.size())
      std::abort();
    if (one.front() == ';' || one.front() == ' ' || one.back() == ' ') std::abort();
    behind = one.data() + one.size();
    again += std::string(one) + ";\n";
  }
  if (!again.empty()) again.resize(again.size() - 2);  // what is open at the end is so again
  if (sql_statements(again) != statements) std::abort();
  return 0;
}
