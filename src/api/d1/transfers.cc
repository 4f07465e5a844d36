#include "api/d1/transfers.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>

#include "base/fs.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/strings.h"

namespace kiln::api {
namespace {

constexpr std::size_t kLargestFile = std::size_t{2} << 30U;

// What clients name a file by; never for secrecy.
std::string md5_hex(std::string_view bytes) {
  std::string out(16, '\0');
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &length, EVP_md5(),
                 nullptr) != 1) {
    std::abort();  // only out of memory
  }
  return to_hex(out);
}

tl::unexpected<Error> no_transfer() {
  return fail(Errc::not_found,
              "There is no such file: its address is good for an hour, and for the database that it was made "
              "for. Begin anew.");
}

}  // namespace

Result<std::string> D1Transfers::add(One one) {
  forget_old();
  if (all_.size() >= kMost)
    return fail(Errc::unavailable, "Too many imports and exports of D1 databases are under way.", "60");
  if (Status made = make_directory(folder_, 0700); !made) return tl::unexpected<Error>(made.error());
  std::string name = entropy_.hex32();
  one.until = clock_.now() + kLifeMs;
  all_[name] = std::move(one);
  return name;
}

void D1Transfers::forget_old() {
  const TimeMs now = clock_.now();
  std::erase_if(all_, [&](const auto& entry) {
    if (entry.second.until > now) return false;
    if (const Status gone = remove_tree(file_of(entry.first)); !gone)
      log::warn("removing a file of a D1 database: {}", gone.error().message);
    return true;
  });
}

Result<std::string> D1Transfers::expect(const Uuid& database, const std::string& etag) {
  const std::lock_guard lock(mutex_);
  return add({database, to_lower(etag), true, false, 0});
}

Status D1Transfers::check(const std::string& name) {
  const std::lock_guard lock(mutex_);
  forget_old();
  return all_.contains(name) ? Status() : no_transfer();
}

Result<std::string> D1Transfers::put(const std::string& name, std::string_view bytes) {
  const std::string etag = md5_hex(bytes);
  {
    const std::lock_guard lock(mutex_);
    forget_old();
    const auto found = all_.find(name);
    if (found == all_.end() || !found->second.goes_in) return no_transfer();
    if (!found->second.etag.empty() && found->second.etag != etag)
      return fail(Errc::invalid, "The file is not the one that was announced: its MD5 is " + etag + ".",
                  "etag");
  }
  if (Status kept = write_file_durably(file_of(name), bytes, 0600); !kept)
    return tl::unexpected<Error>(kept.error());
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(name);
  if (found == all_.end()) {
    (void)remove_tree(file_of(name));
    return no_transfer();
  }
  found->second.there = true;
  return etag;
}

Result<std::string> D1Transfers::take(const std::string& name, const Uuid& database) {
  {
    const std::lock_guard lock(mutex_);
    forget_old();
    const auto found = all_.find(name);
    if (found == all_.end() || !found->second.there || !found->second.goes_in ||
        found->second.database != database)
      return no_transfer();
  }
  return read_file(file_of(name), kLargestFile);
}

void D1Transfers::drop(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (all_.erase(name) > 0) (void)remove_tree(file_of(name));
}

Result<std::string> D1Transfers::offer(const Uuid& database, std::string_view bytes) {
  Result<std::string> name = [&] {
    const std::lock_guard lock(mutex_);
    return add({database, {}, false, true, 0});
  }();
  if (!name) return name;
  if (const Status kept = write_file_durably(file_of(*name), bytes, 0600); !kept) {
    drop(*name);
    return tl::unexpected<Error>(kept.error());
  }
  return name;
}

Result<std::string> D1Transfers::fetch(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    forget_old();
    const auto found = all_.find(name);
    if (found == all_.end() || found->second.goes_in) return no_transfer();
  }
  return read_file(file_of(name), kLargestFile);
}

}  // namespace kiln::api
