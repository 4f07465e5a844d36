#include "testing/temp_dir.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace kiln::testing {

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "kiln-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    std::perror("making a temporary folder");
    std::abort();
  }
  path_ = name;
}

}  // namespace kiln::testing
