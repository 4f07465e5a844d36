// What the server's own machine can do for builds, as `kiln-runner --doctor` finds it out by trying. That
// takes seconds, so it is done on a thread of its own, once for all who ask meanwhile, and is good for a
// moment. Owned by Service; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/process.h"
#include "base/task_threads.h"
#include "events/hub.h"

namespace kiln::app {

// Notified whenever something has been found.
inline constexpr const char* kDoctorTopic = "doctor";

class Doctor {
 public:
  // `ask`: the program with its arguments. The references outlive it.
  Doctor(ProcessSpec ask, Processes& processes, events::Hub& hub, const Clock& clock)
      : ask_(std::move(ask)), processes_(processes), hub_(hub), clock_(clock) {}
  ~Doctor() { stop(); }
  Doctor(const Doctor&) = delete;
  Doctor& operator=(const Doctor&) = delete;

  // {"builds_can_run", "rows"} of the API's document. Nothing: it is being found out, kDoctorTopic tells when
  // it has been. A program that does not answer is found too, in a row.
  [[nodiscard]] std::optional<boost::json::object> found();
  // Ends after the examination that runs now.
  void stop();

 private:
  void examine();

  ProcessSpec ask_;
  Processes& processes_;
  events::Hub& hub_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<boost::json::object> found_;
  std::int64_t found_ms_ = 0;
  bool examining_ = false;
  bool started_ = false;
  TaskThreads threads_;
};

}  // namespace kiln::app
