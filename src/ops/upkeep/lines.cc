#include "ops/upkeep/lines.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace kiln::ops {
namespace {

std::string line_from(const boost::json::object& object) {
  return boost::json::serialize(object) + "\n";
}

}  // namespace

std::string line_of(const Finding& finding) {
  return line_from({{"fault", finding.fault}, {"repaired", finding.repaired}, {"message", finding.words}});
}

std::string last_line(const CheckSummary& summary) {
  return line_from({{"done", true},
                    {"faults", summary.faults},
                    {"notes", summary.notes},
                    {"repaired", summary.repaired},
                    {"blobs", summary.blobs},
                    {"bytes", summary.bytes},
                    {"spaces", summary.spaces},
                    {"objects", summary.objects}});
}

std::string last_line(const Pruned& pruned, bool trial) {
  return line_from({{"done", true},
                    {"dry_run", trial},
                    {"versions", pruned.versions},
                    {"versions_of_deleted_workers", pruned.deleted_workers_versions},
                    {"assets", pruned.assets},
                    {"builds", pruned.builds},
                    {"logs", pruned.logs},
                    {"deliveries", pruned.deliveries},
                    {"blobs", pruned.blobs},
                    {"blob_bytes", pruned.blob_bytes},
                    {"blobs_held", pruned.blobs_held}});
}

std::string last_line(const Error& error) {
  return line_from({{"done", false}, {"message", error.message}});
}

}  // namespace kiln::ops
