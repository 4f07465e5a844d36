#include "model/zone.h"

#include "base/hash.h"
#include "base/ids.h"
#include "base/strings.h"
#include "model/host_route.h"

namespace kiln::model {

std::optional<Zone> parse_zone(std::string_view text) {
  const std::size_t at = text.find('@');
  const std::string_view name = text.substr(0, at);
  const Result<std::string> domain = check_custom_domain(name);
  if (!domain || *domain != name) return std::nullopt;
  Zone zone{*domain, {}};
  if (at == std::string_view::npos) return zone;
  zone.subdomain = text.substr(at + 1);
  if (!is_dns_label(zone.subdomain)) return std::nullopt;
  return zone;
}

std::string zone_id(const Zone& zone) {
  return sha256_hex("zone " + zone.name).substr(0, 32);
}

const Zone* zone_of(const std::vector<Zone>& zones, std::string_view host) {
  const Zone* best = nullptr;
  for (const Zone& zone : zones) {
    if (is_within(host, zone.name) && (best == nullptr || zone.name.size() > best->name.size())) best = &zone;
  }
  return best;
}

}  // namespace kiln::model
