// A text of SQL, as people write it into a file, in its statements, as SQLite would find them. Pure: any
// thread.
#pragma once

#include <string_view>
#include <vector>

namespace kiln::workers {

// Each without the semicolon that ends it and without what stands in front of it; what holds nothing but
// comments is none. The views point into `text`. A statement that makes a trigger is one, with all that is in
// it.
[[nodiscard]] std::vector<std::string_view> sql_statements(std::string_view text);

}  // namespace kiln::workers
