// Any bytes as a file that `kiln import file` is given: no crash, and what is taken is written and read again
// as the same; a plan of it has a step for each of its resources.
#include <boost/json/serialize.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "cli/set_up/plan.h"
#include "cli/set_up/plan_view.h"
#include "cli/set_up/set_up_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiln::cli;
  const kiln::Result<AccountSetUp> read = read_set_up({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  const boost::json::value written = set_up_json(*read);
  const kiln::Result<AccountSetUp> again = read_set_up(boost::json::serialize(written));
  if (!again || set_up_json(*again) != written) std::abort();
  const Plan plan = plan_of(*read, {}, {});
  if (plan.steps.size() != read->resources.size()) std::abort();
  std::vector<DoneStep> steps;
  for (const Step& step : plan.steps) steps.push_back({step});
  if (plan_text(Style{}, steps, plan.left_over, true).find('\x1b') != std::string::npos) std::abort();
  return 0;
}
