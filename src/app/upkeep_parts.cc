#include "app/upkeep_parts.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>

#include "base/fs.h"
#include "base/log.h"
#include "ops/archive/facts.h"
#include "ops/upkeep/lines.h"

namespace kiln::app {
namespace {

// A server that has just started has other things to do.
constexpr std::chrono::minutes kFirstPrune{10};
constexpr std::chrono::hours kBetweenPrunes{6};

class JobAnswer final : public api::UpkeepAnswer {
 public:
  JobAnswer(std::shared_ptr<ops::Pieces> pieces, std::string topic)
      : pieces_(std::move(pieces)), topic_(std::move(topic)) {}
  ~JobAnswer() override { pieces_->give_up(); }
  JobAnswer(const JobAnswer&) = delete;
  JobAnswer& operator=(const JobAnswer&) = delete;

  Taken take() override {
    ops::Pieces::Taken taken = pieces_->take();
    return {std::move(taken.bytes), taken.end};
  }
  [[nodiscard]] std::string topic() const override { return topic_; }

 private:
  std::shared_ptr<ops::Pieces> pieces_;
  std::string topic_;
};

}  // namespace

UpkeepParts::UpkeepParts(store::sqlite::Database& database, const SecretBox& box, Entropy& entropy,
                         workers::BlobStore& blobs, events::Hub& hub, const Clock& clock,
                         std::filesystem::path data_dir, std::filesystem::path key,
                         const std::filesystem::path& kv, const std::filesystem::path& d1,
                         store::R2Objects& r2, const std::filesystem::path& r2_folder,
                         const model::Retention& retention, std::function<Status()> sweep_bindings)
    : snapshots_(database, box, entropy),
      checks_(database),
      retained_(database),
      blobs_(blobs),
      hub_(hub),
      clock_(clock),
      key_(std::move(key)),
      retention_(retention),
      sweep_bindings_(std::move(sweep_bindings)),
      backup_{snapshots_, blobs_, hold_, clock_, std::move(data_dir), key_, kv, d1, r2, r2_folder},
      check_{checks_, blobs_, hold_, clock_, kv, d1, r2, r2_folder},
      prune_{retained_, checks_, blobs_, hold_, clock_} {}

UpkeepParts::Started UpkeepParts::answer(ops::Jobs::Kind kind, std::function<void(ops::Pieces&)> work) {
  static std::atomic<std::uint64_t> number{0};
  std::string topic = fmt::format("upkeep {}", ++number);
  auto pieces = jobs_.start(
      kind, [this, topic] { hub_.notify(topic); }, std::move(work));
  if (!pieces) return tl::unexpected<Error>(pieces.error());
  return std::make_shared<JobAnswer>(std::move(*pieces), std::move(topic));
}

api::UpkeepDeps UpkeepParts::deps() {
  return {[this](bool with_key) {
            return answer(ops::Jobs::Kind::backup, [this, with_key](ops::Pieces& out) {
              // Whoever reads a backup without an end knows that it has none.
              if (const Status made = ops::make_backup(backup_, with_key, out); !made)
                log::error("a backup was not finished: {}", made.error().message);
            });
          },
          [this] { return read_file(key_, ops::kKeyBytes); },
          [this](bool repair) {
            return answer(ops::Jobs::Kind::check, [this, repair](ops::Pieces& out) {
              const auto done = ops::check_all(
                  check_, {repair, true, [&out] { return out.wanted(); }},
                  [&out](const ops::Finding& finding) { return out.put(ops::line_of(finding)); });
              (void)out.put(done ? ops::last_line(*done) : ops::last_line(done.error()));
            });
          },
          [this](bool trial) {
            return answer(ops::Jobs::Kind::prune, [this, trial](ops::Pieces& out) { prune(trial, out); });
          }};
}

void UpkeepParts::prune(bool trial, ops::Pieces& out) {
  const auto done = ops::prune_all(prune_, retention_, trial, [&out] { return out.wanted(); });
  if (!done) log::warn("pruning: {}", done.error().message);
  if (const Status dropped = trial ? Status() : sweep_bindings_(); !dropped)
    log::warn("pruning what bindings keep: {}", dropped.error().message);
  const std::string words = done ? ops::last_line(*done, trial) : ops::last_line(done.error());
  if (done && !trial) log::info("pruned {}", log::quoted(words.substr(0, words.size() - 1)));
  (void)out.put(words);
}

void UpkeepParts::prune_by_itself() {
  // One that is under way already does the same.
  (void)jobs_.start(
      ops::Jobs::Kind::prune, [] {}, [this](ops::Pieces& out) { prune(false, out); });
}

void UpkeepParts::start() {
  pruner_ = std::jthread([this](const std::stop_token& stop) {
    std::chrono::seconds wait = kFirstPrune;
    while (true) {
      {
        std::unique_lock lock(mutex_);
        pause_.wait_for(lock, stop, wait, [] { return false; });
      }
      if (stop.stop_requested()) return;
      prune_by_itself();
      wait = kBetweenPrunes;
    }
  });
}

void UpkeepParts::stop() {
  pruner_ = std::jthread();
  jobs_.stop();
}

}  // namespace kiln::app
