// How much of its history a server keeps: what the settings say of it. A thing goes when it is older than its
// days, or when there are more newer ones of its Worker than its number; 0: never for that reason. A value;
// any thread.
#pragma once

namespace kiln::model {

struct Retention {
  int build_days = 0;
  int builds = 0;  // of a Worker
  int log_days = 0;
  int logs = 0;  // of a Worker's builds
  int version_days = 0;
  int versions = 0;             // of a Worker
  int deployments = 10;         // of a Worker: the last ones, whose versions always stay
  int deleted_worker_days = 7;  // versions of a Worker that was deleted
  int delivery_days = 90;
  int deliveries = 10'000;  // of an account
  int blob_hours = 24;      // an uploaded file that nothing names
};

}  // namespace kiln::model
