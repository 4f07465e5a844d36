#include "read_cache/text_cache.h"

#include <utility>

namespace kiln::read_cache {

std::optional<KeptText> TextCache::find_in_old(const Uuid& id, std::uint32_t account, Owners& owners) {
  const auto place = old_.table.find(id);
  if (!place) return std::nullopt;
  const TextHead& head = old_.arena->head(*place);
  if (!head.is_of(id, account)) return std::nullopt;
  KeptText found = kept_text(head);
  // Where it is stays readable: `owners` gets the old half when this drops it.
  if (const auto moved = put_locked(head, found.json, owners)) found.json = *moved;
  return found;
}

bool TextCache::has_room() {
  const std::lock_guard lock(mutex_);
  return old_.arena->used() == 0;
}

KeptText TextCache::put(const Uuid& id, const std::string& account_id, std::uint64_t as_of,
                        const KeptText& text, Owners& owners) {
  {
    const std::lock_guard lock(mutex_);
    ledger_.catch_up(young_, old_);
    if (ledger_.is_right(as_of)) {
      const TextHead head = TextHead::of(id, ledger_.account(account_id), text);
      if (const auto kept = put_locked(head, text.json, owners)) {
        add_owners(owners);
        return {*kept, text.digest, text.trigger};
      }
    }
  }
  return own_text(std::string(text.json), text, owners);
}

std::optional<std::string_view> TextCache::put_locked(const TextHead& head, std::string_view json,
                                                      Owners& owners) {
  if (young_.arena->used() >= half_bytes_) {
    owners.push_back(std::move(old_.arena));
    old_ = std::exchange(young_, {});
  }
  const std::optional<TextArena::Place> place = young_.arena->keep(head, json);
  if (!place) return std::nullopt;
  young_.table.put(head.id, *place);
  return text_behind(young_.arena->head(*place));
}

void TextCache::add_owners(Owners& owners) const {
  owners.push_back(young_.arena);
  owners.push_back(old_.arena);
}

}  // namespace kiln::read_cache
