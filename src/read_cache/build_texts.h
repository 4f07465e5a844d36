// Builds as the JSON that readers get. The text of a stopped build is assembled once and kept, since readers
// that poll are most of the traffic; its trigger is shown as it is now, so that stands apart. Owned by app;
// safe from any thread.
#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/conditional.h"
#include "http/message.h"
#include "read_cache/asked_before.h"
#include "read_cache/kept_text.h"
#include "read_cache/text_cache.h"
#include "read_cache/text_file.h"
#include "store/build_store.h"
#include "store/changes.h"
#include "store/trigger_store.h"
#include "wire/build_json.h"
#include "workers/account_hosts.h"

namespace kiln::read_cache {

// JSON that is kept to be sent again, and what stands for it in an entity tag.
struct Text {
  http::SharedBytes json;
  http::Digest digest{};

  [[nodiscard]] static Text of(std::string_view json) {
    return {http::SharedBytes::copy_of(json), http::digest_of(json)};
  }
};

// A Build is the two texts, and "}".
struct BuildText {
  Text build;
  Text trigger;

  [[nodiscard]] std::string whole() const;
};

// Builds ready to be sent: of each its text and its trigger's, one build behind the other.
struct BuildParts {
  http::SharedParts parts;
  std::vector<http::Digest> digests;  // of each part
  bool from_disk = false;             // some of it

  void add(BuildText text);
  [[nodiscard]] std::size_t builds() const { return digests.size() / 2; }
};

class BuildTexts {
 public:
  // How much is kept of what was asked for by version: in memory, and behind it in a file of `folder`.
  struct Room {
    std::size_t memory = 40U << 20U;
    std::filesystem::path folder{};
    std::uint64_t disk = 0;
  };

  // `changes` are those of the feed of the two stores. Previews are shown where `hosts` has them now,
  // whatever the port was when they were made; what is kept is right because hosts stay as long as the server
  // runs.
  BuildTexts(store::BuildStore& builds, store::TriggerStore& triggers, const workers::AccountHosts& hosts,
             const store::Changes& changes, wire::EnvironmentForm form, const Room& room);

  // How the variables of a build are written for whoever calls himself that: strings or objects. Texts of the
  // form that all but one client get are kept; those of the other are made anew each time.
  [[nodiscard]] wire::EnvironmentForm form_for(std::string_view user_agent) const;

  // Each known version's build; its text begins with `},"<version id>":`, so that the members of an object
  // stand one behind the other. In the order of `ids` but for those that had to be read. Errors as of
  // store::BuildStore.
  [[nodiscard]] Result<BuildParts> by_versions(const std::string& account_id, const std::vector<Uuid>& ids,
                                               wire::EnvironmentForm form);
  // One build. Errors as of store::BuildStore.
  [[nodiscard]] Result<BuildParts> by_uuid(const std::string& account_id, const Uuid& uuid,
                                           wire::EnvironmentForm form);
  [[nodiscard]] Result<BuildText> of_row(const store::BuildRow& row, wire::EnvironmentForm form);

 private:
  // One caller's look: whose builds, store::ChangedBuilds::count() at its begin, and who keeps what is found.
  struct Reading {
    const std::string& account_id;
    std::uint64_t as_of;
    Owners& owners;
  };

  // The texts of triggers as they were at one generation. None is taken out, so that one owner keeps all.
  struct TriggerTexts {
    std::uint64_t generation = 0;
    boost::unordered_flat_map<Uuid, Text, OwnUuidHash> texts;
  };

  [[nodiscard]] Result<Text> trigger_text(const Uuid& uuid);
  // Each text that was found, and its trigger's behind it, into an empty `out`.
  [[nodiscard]] Status add_found(BuildParts& out, std::span<const KeptText> found);
  // Moves those of `missing` that are there to `known`.
  void find_in_file(const Reading& reading, std::vector<Uuid>& missing, std::vector<KeptText>& known);
  // The text of the build that made `version`: kept if the build has stopped and the text will be wanted.
  [[nodiscard]] KeptText keep_version(const Uuid& version, const store::BuildRow& row, std::string json,
                                      const Reading& reading);
  // Appends the build as far as its trigger.
  void append_build(std::string& out, const store::BuildRow& row, wire::EnvironmentForm form) const;
  // by_versions in the form that is not kept.
  [[nodiscard]] Result<BuildParts> made_anew(const std::string& account_id, const std::vector<Uuid>& ids,
                                             wire::EnvironmentForm form);

  store::BuildStore& builds_;
  store::TriggerStore& triggers_;
  const workers::AccountHosts& hosts_;
  const store::Changes& changes_;
  const bool by_client_;              // a client may get the other form than
  const wire::EnvironmentForm kept_;  // strings or objects: of what is kept
  TextCache by_version_;
  TextCache by_build_;
  TextFile file_;  // behind by_version_
  AskedBefore asked_before_;
  std::atomic<unsigned> found_in_file_{0};
  std::mutex mutex_;  // over trigger_texts_ and what it points at
  std::shared_ptr<TriggerTexts> trigger_texts_ = std::make_shared<TriggerTexts>();
};

}  // namespace kiln::read_cache
