#include "api/builds/text_cache.h"

#include <utility>

namespace kiln::api::builds {

std::optional<TextCache::Found> TextCache::find(const Uuid& id, const std::string& account_id,
                                                std::uint64_t generation) {
  std::optional<Found> out;
  find(std::span(&id, 1), account_id, generation,
       [&](const Uuid&, std::optional<Found> found) { out = std::move(found); });
  return out;
}

std::optional<TextCache::Found> TextCache::find_locked(const Uuid& id, std::uint32_t account,
                                                       std::uint64_t generation) {
  const auto good = [&](const TextTable::Entry& entry) {
    return entry.account == account && entry.generation == static_cast<std::uint32_t>(generation);
  };
  if (const TextTable::Entry* young = young_.table.find(id)) {
    if (!good(*young)) return std::nullopt;
    young_.arena.prefetch(young->place, young->size);
    return Found{{young_.arena.at(young->place, young->size), young->digest}, young->trigger};
  }
  const TextTable::Entry* old = old_.table.find(id);
  if (old == nullptr || !good(*old)) return std::nullopt;
  Found found{{old_.arena.at(old->place, old->size), old->digest}, old->trigger};
  if (auto moved = put_locked(*old, found.text.json.view())) found.text.json = std::move(*moved);
  return found;
}

Text TextCache::put(const Uuid& id, const std::string& account_id, std::uint64_t generation,
                    std::string_view json, const Uuid& trigger) {
  TextTable::Entry entry;
  entry.id = id;
  entry.trigger = trigger;
  entry.digest = http::digest_of(json);
  entry.generation = static_cast<std::uint32_t>(generation);
  const std::lock_guard lock(mutex_);
  entry.account =
      accounts_.try_emplace(account_id, static_cast<std::uint32_t>(accounts_.size())).first->second;
  auto kept = put_locked(entry, json);
  return {kept ? std::move(*kept) : http::SharedBytes::copy_of(json), entry.digest};
}

std::optional<http::SharedBytes> TextCache::put_locked(TextTable::Entry entry, std::string_view json) {
  if (young_.arena.used() >= half_bytes_) old_ = std::exchange(young_, {});
  const std::optional<TextArena::Place> place = young_.arena.keep(json);
  if (!place) return std::nullopt;
  entry.place = *place;
  entry.size = static_cast<std::uint32_t>(json.size());
  young_.table.put(entry);
  return young_.arena.at(entry.place, entry.size);
}

}  // namespace kiln::api::builds
