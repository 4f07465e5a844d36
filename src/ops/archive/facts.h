// What a backup says of itself in its first entry, and which entries it may have. Values and pure functions;
// any thread.
//
// A backup is a tar archive, compressed with zstd:
//   kiln-backup.json   these facts
//   kiln.db            the database, as of one moment
//   secrets.key        only when it was asked for
//   kv/….db            KV namespaces, each as of a moment of its own
//   d1/…/….sqlite      D1 databases, the same
//   r2/…/index.db      R2 buckets, the same, each followed by r2/…/blobs/…, what its objects are made of
//   blobs/ab/ab…       the uploads that the database names, each named by its SHA-256
//   MISSING            only where there are such: names of uploads that could not be read, one a line
//   SHA256SUMS         of every entry before it, as sha256sum(1) writes them; without it a backup is cut
//   short
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::ops {

inline constexpr std::size_t kKeyBytes = 32;

enum class EntryKind { facts, database, key, kv, d1, r2, blob, missing, sums };

inline constexpr std::string_view kFactsEntry = "kiln-backup.json";
inline constexpr std::string_view kDatabaseEntry = "kiln.db";
inline constexpr std::string_view kKeyEntry = "secrets.key";
inline constexpr std::string_view kMissingEntry = "MISSING";
inline constexpr std::string_view kSumsEntry = "SHA256SUMS";

// The kind of an entry of this name; nothing for a name that no backup has.
[[nodiscard]] std::optional<EntryKind> entry_kind(std::string_view name);
// "kv/" and the name of a namespace's file, <32 hex digits>[.<version>].db.
inline constexpr std::string_view kKvFolder = "kv/";
// "d1/", the folder of a database, <uuid>[.<version>], and the path of its file in it.
inline constexpr std::string_view kD1Folder = "d1/";
inline constexpr std::string_view kD1Inside = "/files/d1/";
// "r2/", the folder of a bucket, <32 hex digits>[.<version>], and its index or one of its files in it.
inline constexpr std::string_view kR2Folder = "r2/";
inline constexpr std::string_view kR2Index = "index.db";
inline constexpr std::string_view kR2Blobs = "blobs/";
// "blobs/ab/ab…" of 64 hex digits.
[[nodiscard]] std::string blob_entry(std::string_view hash);

struct BackupFacts {
  std::string kiln;           // the version that made it
  TimeMs made_on = 0;         // the moment that it is of
  std::int64_t schema = 0;    // the database's migrations
  bool with_key = false;      // whether secrets.key is in it
  std::uint64_t bytes = 0;    // of all entries behind this one together, at most
  std::uint64_t entries = 0;  // how many there are behind this one, at most
};

[[nodiscard]] std::string facts_json(const BackupFacts& facts);
// Errors: Errc::corrupt when they are none; Errc::conflict when a newer Kiln made them in a form that this
// one does not know.
[[nodiscard]] Result<BackupFacts> parse_facts(std::string_view text);

}  // namespace kiln::ops
