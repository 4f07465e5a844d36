#include "forges/again.h"

#include "base/log.h"

namespace kiln::forges {
namespace {

bool may_let_more(model::InstallationNews::What what) {
  using What = model::InstallationNews::What;
  switch (what) {
    case What::created:
    case What::unsuspended:
    case What::permissions:
    case What::repositories:
      return true;
    case What::deleted:
    case What::suspended:
      break;
  }
  return false;
}

}  // namespace

Result<int> tell_again(Directory& directory, store::ReportStore& reports, const std::string& account_id,
                       const std::string& api_url) {
  const Result<std::vector<Uuid>> connections = reports.given_up(account_id);
  if (!connections) return tl::unexpected<Error>(connections.error());
  int told = 0;
  for (const Uuid& connection : *connections) {
    const Result<std::optional<std::string>> lane = directory.host_of(account_id, connection);
    if (!lane) {
      // One connection's damage stops nobody else's news.
      if (lane.error().code != Errc::corrupt) return tl::unexpected<Error>(lane.error());
      log::error("nobody is told of builds of connection={}: {}", connection.str(), lane.error().message);
      continue;
    }
    if (!*lane || (!api_url.empty() && api_url_of_lane(**lane) != api_url)) continue;
    const Result<int> due = reports.tell_again(account_id, connection, **lane);
    if (!due) return due;
    told += *due;
  }
  return told;
}

Status tell_again(Directory& directory, store::ForgeStore& forges, store::ReportStore& reports,
                  const model::InstallationNews& news) {
  if (!may_let_more(news.what)) return {};
  const Result<std::vector<model::ForgeRecord>> all = forges.forges_of_provider(news.provider);
  if (!all) return tl::unexpected<Error>(all.error());
  for (const model::ForgeRecord& forge : *all) {
    if (!forge.is_app() || forge.app_id != news.app_id) continue;
    const Result<int> told = tell_again(directory, reports, forge.account_id, forge.api_url);
    if (!told) return tl::unexpected<Error>(told.error());
  }
  return {};
}

}  // namespace kiln::forges
